import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aReplica, tinyReplicas } from '../../../testing/builders/packing/packing-builders.ts';
import { searchRoom } from '../../../testing/oracles/packing-search.ts';
import { makeDeviceTable, netGainNano } from './device-table.ts';

const free = { cpuMilliNano: 0, memoryMibNano: 0 };

test('shares fill a device up to the free thousandths', () => {
  const types = [aReplica({ deviceMilli: 300 }), aReplica({ deviceMilli: 450 })];
  const table = makeDeviceTable(types, [30, 50], free, 2);
  expect(table.step).toBe(50);
  // Two of 450 are worth 100; one of 450 and one of 300 are worth 80; three of 300 are worth 90.
  expect([299, 300, 450, 750, 900, 1_000].map((milli) => table.bestOfFree(milli).nano)).toEqual([
    0, 30, 50, 80, 100, 100,
  ]);
  expect(table.bestOfFree(750)).toMatchObject({ nano: 80, cpuMilli: 8_000, memoryMib: 16_384 });
});

test('whole devices hold shares or a replica of several devices, whichever is worth more', () => {
  const types = [aReplica({ deviceMilli: 500 }), aReplica({ devices: 2 })];
  expect([0, 1, 2, 3].map((count) => makeDeviceTable(types, [10, 45], free, 3).bestOfWhole(count).nano)).toEqual([
    0, 20, 45, 65,
  ]);
});

test('a replica that costs more than it is worth is left out', () => {
  const price = { cpuMilliNano: 2, memoryMibNano: 1 };
  const replica = aReplica({ cpuMilli: 10, memoryMib: 5, deviceMilli: 500 });
  expect(netGainNano(replica, 30, price)).toBe(5);
  expect(makeDeviceTable([replica], [30], price, 1).bestOfWhole(1).nano).toBe(10);
  expect(makeDeviceTable([replica], [25], price, 1).bestOfWhole(1).nano).toBe(0);
});

test('the best filling of a device is that of a search through all fillings', () => {
  fc.assert(
    fc.property(
      fc.array(tinyReplicas, { minLength: 1, maxLength: 3 }),
      fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 3, maxLength: 3 }),
      fc.constantFrom(200, 500, 900, 1_000),
      (types, gains, milli) => {
        const table = makeDeviceTable(types, gains, free, 1);
        // A share table has no whole devices; a whole one fits where all is free.
        const found = milli === 1_000 ? table.bestOfWhole(1) : table.bestOfFree(milli);
        const room = { cpuMilli: 1_000, memoryMib: 1_000, freeMilli: [milli], model: 'T4' };
        const withDevice = gains.map((gain, at) => ((types[at]?.devices ?? 0) > 0 ? gain : 0));
        expect(found.nano).toBe(searchRoom(room, types, withDevice));
      },
    ),
    { numRuns: 60 },
  );
});
