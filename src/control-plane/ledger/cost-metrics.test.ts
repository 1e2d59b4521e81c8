import { Registry } from 'prom-client';
import { beforeEach, expect, it } from 'vitest';
import { readPriceBook } from '../../schemas/prices/read-price-book.ts';
import { hour, hour0, owner } from '../../testing/builders/cost/ledger-builders.ts';
import { pricedRow } from '../../testing/builders/cost/price-builders.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';
import { testJudging } from '../../testing/rigs/test-judging.ts';
import { registerCostMetrics } from './cost-metrics.ts';

let world: StoreOperations;
let held: boolean;
beforeEach(async () => {
  world = await openStoreOperations();
  held = true;
  const text = 'currency: EUR\nsource: a list\ndevices: [{ class: h100, price: 2/h, from: 2025-01-01 }]\n';
  const terms = { platform: 'kubernetes', pool: { name: 'gpus' }, prices: readPriceBook(text, 'p.yaml') } as const;
  await world.operationsFor('ada').setEnvironmentRecord({ environment: 'prod', terms });
});

function open() {
  const registry = new Registry();
  const metrics = registerCostMetrics(registry, { store: world.store, bundles: testJudging(world.blobs) }, () => held);
  const lines = async (): Promise<readonly string[]> =>
    (await registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('plimsoll_cost_') && !line.includes('timestamp'));
  return { metrics, lines };
}

const close = (index: number, rows = [pricedRow({ hourMs: hour0 + index * hour })]): Promise<void> =>
  world.write((tx) =>
    tx.appendLedgerEntry({
      ...{ hourMs: hour0 + index * hour, entry: 1, derivedAtMs: 1, rows, newErrors: [], withdrawnErrors: [] },
    }),
  );

it('counts each hour once that is closed after the first look, in seconds and money', async () => {
  await close(0);
  const { metrics, lines } = open();
  await metrics.update();
  expect(await lines()).toEqual([]);
  await close(1);
  await close(2, [
    pricedRow({ hourMs: hour0 + 2 * hour }),
    pricedRow({ hourMs: hour0 + 2 * hour, device: 'x', deviceClass: 'a10' }),
  ]);
  await Promise.all([metrics.update(), metrics.update()]);
  await metrics.update();
  const own = 'service="ranker",environment="prod",state="idle",unit="accelerator"';
  expect(await lines()).toEqual([
    `plimsoll_cost_device_seconds_total{${own}} 10800`,
    `plimsoll_cost_money_total{${own},currency="EUR"} 4`,
    'plimsoll_cost_unpriced_device_seconds_total{unit="accelerator"} 3600',
  ]);
});

it('counts nothing while another process holds the lease, and nothing of what that one counted', async () => {
  held = false;
  const { metrics, lines } = open();
  await close(0);
  await metrics.update();
  held = true;
  await metrics.update();
  expect(await lines()).toEqual([]);
  await close(1);
  await metrics.update();
  expect(await lines()).toHaveLength(2);
});

it('has a bounded number of series: time of further services is of _other', async () => {
  const { metrics, lines } = open();
  await metrics.update();
  await close(
    0,
    Array.from({ length: 1_003 }, (_, index) => pricedRow({ device: `d${index}`, owner: owner(`s${index}`) })),
  );
  await metrics.update();
  const seconds = (await lines()).filter((line) => line.startsWith('plimsoll_cost_device_seconds_total'));
  expect(seconds).toHaveLength(1_001);
  expect(seconds.at(-1)).toBe(
    'plimsoll_cost_device_seconds_total{service="_other",environment="_other",state="idle",unit="accelerator"} 10800',
  );
});
