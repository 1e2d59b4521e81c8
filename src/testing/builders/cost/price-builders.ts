import type { LedgerRow } from '../../../core/cost/ledger/row.ts';
import type { PriceBook } from '../../../core/cost/prices/price-book.ts';
import { hour, hour0, owner } from './ledger-builders.ts';

/** An idle hour of a whole device. */
export const pricedRow = (over: Partial<LedgerRow> = {}): LedgerRow => ({
  hourMs: hour0,
  pool: 'gpus',
  device: 'gpu-0',
  deviceClass: 'h100',
  unit: 'accelerator',
  state: 'idle',
  owner: owner('ranker'),
  claim: 'r1',
  purpose: 'answers',
  cause: 'no-demand',
  reason: null,
  grade: 'measured-engine',
  computeMs: hour,
  memoryMs: hour,
  filledMs: 0,
  unratedMs: 0,
  answers: 0,
  tokens: 0,
  ...over,
});

/** An H100 for 2.50 an hour, and a core for 0.04. */
export const priceBook = (over: Partial<PriceBook> = {}): PriceBook => ({
  currency: 'EUR',
  source: 'a list',
  split: 'even',
  devices: [
    { deviceClass: 'h100', purchase: 'on-demand', fromMs: 0, untilMs: null, microsPerHour: 2_500_000, memory: null },
  ],
  cores: [{ purchase: 'on-demand', fromMs: 0, untilMs: null, microsPerHour: 40_000 }],
  commitments: [],
  discounts: [],
  pools: {},
  lateRequest: null,
  ...over,
});
