import { type Dimension, dimensions } from '../../src/core/cost/ledger/query/columns.ts';
import { summariseLedger, type LedgerSummary } from '../../src/core/cost/ledger/query/summarise.ts';
import { hourMs, hourOf, type LedgerRow } from '../../src/core/cost/ledger/row.ts';
import type { IdleCause, LedgerState } from '../../src/core/cost/ledger/state.ts';
import type { CostUnit } from '../../src/schemas/http/cost/http-cost.ts';
import type { Report, Sums } from '../src/cost/measure.ts';
import { FakeRandom } from './fake-signals.ts';

export interface FakeCostOptions {
  /** Service and environment of each holder of devices. */
  readonly holders: readonly { readonly service: string; readonly environment: string }[];
  /** Without prices the account is of time alone. */
  readonly hasPrices: boolean;
  readonly hasCores: boolean;
  readonly hasErrors: boolean;
}

/** Millionths of a euro for a millisecond of an accelerator, of a core. */
const microsPerMs = { accelerator: 2.4 / 3.6, core: 0.04 / 3.6 };
const accelerators = 24;
const cores = 32;
const keptMs = 30 * 24 * hourMs;

/** Answers questions on a made-up account, added up as the control plane does. Nothing of it is measured. */
export class FakeCost {
  readonly #rows: readonly LedgerRow[];
  readonly #options: FakeCostOptions;

  constructor(options: FakeCostOptions, nowMs: number) {
    this.#options = options;
    this.#rows = makeRows(options, nowMs);
  }

  answer(query: URLSearchParams, nowMs: number): Report {
    const by = (query.get('by') ?? 'service').split(',').filter((name) => dimensions.some((known) => known === name));
    const [service, environment] = [query.get('service'), query.get('environment')];
    const fromMs = hourOf(nowMs - Number(query.get('sinceMs') ?? 24 * hourMs));
    const asked = this.#rows.filter(
      ({ hourMs: at, owner }) =>
        at >= fromMs &&
        (service === null || owner?.service === service) &&
        (environment === null || owner?.environment === environment),
    );
    const byUnit = Map.groupBy(asked, ({ unit }) => unit);
    const units = (['accelerator', 'core'] as const).flatMap((unit) => {
      const rows = byUnit.get(unit);
      return rows === undefined ? [] : [this.#unit(unit, rows, by as Dimension[])];
    });
    const hasErrors = this.#options.hasErrors && units.length > 0;
    return {
      fromMs,
      toMs: units.length === 0 ? fromMs : nowMs - 30_000,
      openFromMs: units.length === 0 ? null : hourOf(nowMs),
      by: by as Dimension[],
      service,
      environment,
      units,
      errors: hasErrors ? [claimedTwice(nowMs)] : [],
      errorCount: hasErrors ? 1 : 0,
      sharing: service === null && environment === null ? makeSharing(this.#options) : [],
      currency: this.#options.hasPrices ? 'EUR' : null,
      currencies: this.#options.hasPrices ? ['EUR'] : [],
      prices: [],
      unused: [],
    };
  }

  #unit(unit: CostUnit['unit'], rows: readonly LedgerRow[], by: readonly Dimension[]): CostUnit {
    const charges = rows.map((row) => ({
      row,
      effectiveMicros: this.#options.hasPrices ? Math.round(row.computeMs * microsPerMs[unit]) : null,
    }));
    const [total] = summariseLedger(charges, []);
    if (total === undefined) throw new RangeError('no rows');
    const unknownMs = rows.reduce((sum, { reason, computeMs }) => sum + (reason === null ? 0 : computeMs), 0);
    return {
      unit,
      devices: unit === 'accelerator' ? accelerators : 1,
      groups: summariseLedger(charges, by).map((summary) => ({ group: { ...summary.group }, ...sumsOf(summary) })),
      total: sumsOf(total),
      unattributable: unknownMs === 0 ? [] : [{ reason: 'control-plane-down', computeMs: unknownMs }],
    };
  }
}

function sumsOf({ stateMs, ...summary }: LedgerSummary): Sums {
  const { computeMs, filledMs, unratedMs, answers, tokens, utilizationShare, micros, unpricedMs } = summary;
  return {
    ...{ computeMs, stateMs: { ...stateMs }, filledMs, unratedMs, answers, tokens, utilizationShare },
    ...{ micros, unpricedMs, moneyMicros: micros === null ? {} : { EUR: micros } },
    ...{ costPer1000AnswersMicros: null, costPerMillionTokensMicros: null },
  };
}

const claimedTwice = (nowMs: number): Report['errors'][number] => ({
  kind: 'claimed-twice',
  fromMs: hourOf(nowMs) - 2 * hourMs,
  toMs: hourOf(nowMs) - hourMs,
  device: 'GPU-41c0',
  claims: ['ranking-prod-a1', 'fraud-prod-b2'],
  message: 'ranking-prod-a1 and fraud-prod-b2 hold the same share of GPU-41c0 for 12 minutes',
});

/** Both directions of the first two holders, on the cores of one node: one is measured, the other not yet. */
function makeSharing({ holders: [one, other], hasCores }: FakeCostOptions): NonNullable<Report['sharing']> {
  if (!hasCores || one === undefined || other === undefined) return [];
  const device = 'node-1/cores';
  const difference = { estimateMs: 5.6, lowerMs: 3.1, upperMs: 8.2 };
  return [
    { device, ...one, beside: other, idleMinutes: 61, busyMinutes: 42, idleMs: 12.4, busyMs: 18, difference },
    { device, ...other, beside: one, idleMinutes: 103, busyMinutes: 3, idleMs: 41.7, busyMs: 44, difference: null },
  ];
}

const causes: readonly IdleCause[] = ['min-replicas', 'no-demand', 'warm-pool', 'keep-previous', 'start-ahead'];

/** The load of a day has its peak in the afternoon. Each device is in the hands of one holder, or of nobody. */
function makeRows({ holders, hasCores }: FakeCostOptions, nowMs: number): readonly LedgerRow[] {
  if (holders.length === 0) return [];
  const random = new FakeRandom();
  const rows: LedgerRow[] = [];
  const firstMs = hourOf(nowMs - keptMs) + hourMs;
  for (let at = firstMs; at <= nowMs; at += hourMs) {
    const lengthMs = Math.min(hourMs, Math.max(0, nowMs - at));
    const isDown = Math.round((at - firstMs) / hourMs) % 311 === 200;
    const load = 0.35 + 0.3 * Math.sin(((new Date(at).getUTCHours() - 9) / 24) * 2 * Math.PI) ** 2;
    for (let device = 0; device < accelerators; device += 1) {
      rows.push(...makeHour('accelerator', device, at, lengthMs, isDown, load + 0.1 * random.next(), holders));
    }
    if (hasCores) rows.push(...makeHour('core', 0, at, lengthMs * cores, isDown, load / 2, holders));
  }
  return rows;
}

function makeHour(
  unit: LedgerRow['unit'],
  device: number,
  at: number,
  lengthMs: number,
  isDown: boolean,
  load: number,
  holders: FakeCostOptions['holders'],
): readonly LedgerRow[] {
  const place = Math.floor(Math.sqrt(device) * 3.1);
  const holder = device % 8 === 7 ? undefined : holders[place % holders.length];
  const row = (state: LedgerState, computeMs: number, over: Partial<LedgerRow> = {}): LedgerRow => ({
    ...{ hourMs: at, pool: 'h100', device: `GPU-${device}`, deviceClass: 'h100-80', unit, state, computeMs },
    owner: holder === undefined ? null : { ...holder, release: '5', team: null, model: null },
    ...{ claim: null, purpose: null, cause: null, reason: null, grade: 'measured-engine', memoryMs: computeMs },
    ...{ filledMs: state === 'serving' ? Math.round(computeMs * 0.6) : 0, unratedMs: 0, answers: 0, tokens: 0 },
    ...over,
  });
  if (isDown) return [row('unattributable', lengthMs, { reason: 'control-plane-down' })];
  if (holder === undefined) {
    return device % 16 === 15
      ? [row('stranded', lengthMs, { cause: 'fragmentation' })]
      : [row('unallocated', lengthMs, { cause: 'no-demand' })];
  }
  const isDeploy = (at / hourMs + device) % 17 === 0;
  const serving = Math.round(lengthMs * Math.min(1, load));
  const loading = isDeploy ? Math.round((lengthMs - serving) / 3) : 0;
  const cause = causes[(place * place) % causes.length] ?? 'no-demand';
  return [
    row('serving', serving),
    ...(loading === 0 ? [] : [row('loading', loading), row('draining', Math.round(loading / 4))]),
    row('idle', lengthMs - serving - loading - Math.round(loading / 4), { cause }),
  ];
}
