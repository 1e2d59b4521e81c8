import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chooseOtherCores, formatCpuList, readCpuList } from './choose-cores.ts';

const busy = new Map([
  [0, 0.9],
  [1, 0.1],
  [2, 0.8],
  [3, 0.2],
]);

it.each([
  ['the others of a process that is held on some', '0-3', '0,2', '', '1,3'],
  ['the calmer half for a process that may run everywhere', '0-3', '0-3', '', '1,3'],
  ['those near the device', '0-7', '0-3', '4-7', '4-7'],
  ['the others where it is near its device already', '0-7', '4-7', '4-7', '0-3'],
  ['none on one core', '0', '0', '', null],
])('chooses %s', (_, online, allowed, near, chosen) => {
  expect(chooseOtherCores({ online, allowed, near }, busy)).toBe(chosen);
});

it('writes lists as the kernel does', () => {
  expect(formatCpuList([8, 2, 1, 0])).toBe('0-2,8');
  expect(readCpuList('0-2,8\n')).toEqual([0, 1, 2, 8]);
  expect(readCpuList('')).toEqual([]);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200), { minLength: 1 }), (cpus) => {
      expect(readCpuList(formatCpuList(cpus))).toEqual(cpus.toSorted((a, b) => a - b));
    }),
  );
});
