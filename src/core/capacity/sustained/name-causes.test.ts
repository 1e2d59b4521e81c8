import { describe, expect, it } from 'vitest';
import { isBusyMachine, nameCauses, type NodeMoment } from './name-causes.ts';

const mib = 1_048_576;
const first: NodeMoment = {
  atMs: 0,
  residentBytes: 1_000 * mib,
  clockMhz: 3_000,
  processor: { busyMs: 50_000, totalMs: 900_000, ownMs: 20_000 },
  waitedMs: { cpu: 0, memory: 0, io: 0 },
  throttleReasons: [],
};
const after = (changes: Partial<NodeMoment>): readonly string[] =>
  nameCauses(first, { ...first, atMs: 100_000, ...changes });

describe('what may slow a replica down', () => {
  it.each<[string, Partial<NodeMoment>, string]>([
    ['throttling', { throttleReasons: ['gpu_idle', 'hw_thermal_slowdown'] }, 'throttled: hw_thermal_slowdown'],
    ['a lower clock', { clockMhz: 2_600 }, 'fell from 3000 to 2600 MHz'],
    ['a process that grows', { residentBytes: 1_101 * mib }, 'grew from 1000 to 1101 MiB'],
    [
      'other programs',
      { processor: { busyMs: 150_000, totalMs: 1_100_000, ownMs: 104_000 } },
      'other programs took 8% of the processor time',
    ],
    ['waiting for a core', { waitedMs: { cpu: 11_000, memory: 0, io: 0 } }, 'a processor core in 11% of the time'],
    ['waiting for memory', { waitedMs: { cpu: 0, memory: 1_100, io: 0 } }, 'memory in 1% of the time'],
    ['waiting for a disk', { waitedMs: { cpu: 0, memory: 0, io: 6_000 } }, 'a disk in 6% of the time'],
  ])('is %s', (_, changes, text) => {
    const causes = after(changes);
    expect(causes).toHaveLength(1);
    expect(causes[0]).toContain(text);
  });

  it('may be other programs, when they took 2% of the processor time of all cores', () => {
    // Of 200 s the machine was busy for 110, and 106 or 107 of these belong to the replica and the client.
    const taken = (ownMs: number) => ({
      ...first,
      processor: { busyMs: 160_000, totalMs: 1_100_000, ownMs: 20_000 + ownMs },
    });
    expect([106_000, 107_000].map((ownMs) => isBusyMachine(first, taken(ownMs)))).toEqual([true, false]);
    // Times of a process are coarser than those of the machine.
    expect(isBusyMachine(first, taken(111_000))).toBe(false);
    expect(isBusyMachine(first, { ...first, processor: null })).toBe(false);
    expect(isBusyMachine(first, first)).toBe(false);
  });

  it('is nothing at the thresholds, and nothing that is not known', () => {
    expect(after({ clockMhz: 2_700, residentBytes: 1_100 * mib, throttleReasons: ['gpu_idle'] })).toEqual([]);
    expect(after({ waitedMs: { cpu: 10_000, memory: 1_000, io: 5_000 } })).toEqual([]);
    expect(
      after({ residentBytes: null, clockMhz: null, processor: null, waitedMs: { cpu: null, memory: null, io: null } }),
    ).toEqual([]);
  });
});
