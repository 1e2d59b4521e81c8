import { expect, test } from 'vitest';
import { hour, hour0 } from '../../../testing/builders/cost/ledger-builders.ts';
import { priceBook, pricedRow } from '../../../testing/builders/cost/price-builders.ts';
import { chargeRows } from '../prices/charge-rows.ts';
import { makeOpenCostAnswer } from './opencost-allocation.ts';

test('services, idle capacity and costs without an owner are allocations that add up to the ledger', () => {
  const ledger = chargeRows(
    [
      pricedRow({ state: 'serving', cause: null, filledMs: hour / 2 }),
      pricedRow({ device: 'gpu-1', owner: null, claim: null, state: 'unallocated' }),
      pricedRow({ device: 'gpu-2', owner: null, claim: null, state: 'unattributable', reason: 'node-gone' }),
      pricedRow({ device: 'cpu-0', deviceClass: 'epyc', unit: 'core', computeMs: 4 * hour, memoryMs: 4 * hour }),
    ],
    priceBook(),
  );
  const { data } = makeOpenCostAnswer(ledger, { fromMs: hour0, toMs: hour0 + 2 * hour }, 'fleet');
  const [set] = data;
  expect(Object.keys(set)).toEqual(['__idle__', '__unallocated__', 'ranker/prod']);
  expect(set['ranker/prod']).toMatchObject({
    properties: { cluster: 'fleet', namespace: 'prod', controller: 'ranker', labels: { team: 'search' } },
    minutes: 120,
    gpuCount: 0.5,
    gpuHours: 1,
    gpuCost: 2.5,
    cpuCoreHours: 4,
    cpuCost: 0.16,
    totalCost: 2.66,
    totalEfficiency: 0.1,
  });
  expect(Object.values(set).reduce((sum, { totalCost }) => sum + totalCost, 0)).toBeCloseTo(7.66, 9);
});
