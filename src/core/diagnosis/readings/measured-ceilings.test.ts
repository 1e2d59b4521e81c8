import { describe, expect, it } from 'vitest';
import type { Preflight, PreflightCheck } from '../../pool/preflight/preflight.ts';
import { ceilingsHoldMs, findMeasuredCeilings } from './measured-ceilings.ts';

const nowMs = 1_900_000_000_000;
const check = (changes: Partial<PreflightCheck>): PreflightCheck => ({
  ...{ kind: 'host-to-device', of: 'GPU 0', verdict: 'pass', reason: null },
  ...changes,
});
const find = (checks: readonly PreflightCheck[], changes: Partial<Preflight> = {}) =>
  findMeasuredCeilings({ preflight: { takenAtMs: nowMs - 1_000, tookMs: 1, checks, ...changes }, unknown: {} }, nowMs);

describe('the ceilings that a preflight measured', () => {
  it('are the fastest copy of each device, of the near NUMA node, and the fastest cold and cached read', () => {
    const { takenAtMs, copyBytesPerSecond, storageBytesPerSecond, cachedBytesPerSecond } = find([
      check({ of: 'GPU 0 from NUMA node 1', bytesPerSecond: 11e9 }),
      check({ of: 'GPU 0 from NUMA node 0', bytesPerSecond: 24e9 }),
      check({ of: 'GPU 0 from NUMA node 0', kind: 'device-to-host', bytesPerSecond: 23e9 }),
      check({ of: 'GPU 0 from NUMA node 0', kind: 'pageable-to-device', bytesPerSecond: 90e9 }),
      check({ of: 'GPU 10', bytesPerSecond: 3e9 }),
      check({ kind: 'storage-cold', of: 'a', bytesPerSecond: 1e9 }),
      check({ kind: 'storage-cold', of: 'b', bytesPerSecond: 2e9 }),
      check({ kind: 'storage-cached', of: 'a', bytesPerSecond: 9e9 }),
    ]);
    expect(takenAtMs).toBe(nowMs - 1_000);
    expect([...copyBytesPerSecond]).toEqual([
      [0, 24e9],
      [10, 3e9],
    ]);
    expect(storageBytesPerSecond).toEqual({ value: 2e9 });
    expect(cachedBytesPerSecond).toEqual({ value: 9e9 });
  });

  it('are also those of a slow link, whose copies fail because they are slow', () => {
    const slow = check({ verdict: 'fail', reason: 'the link carries 21%', bytesPerSecond: 6e9 });
    expect(find([slow]).copyBytesPerSecond.get(0)).toBe(6e9);
  });

  it('take no rate from a check that moved nothing, nor from a read that did not pass', () => {
    const { copyBytesPerSecond, storageBytesPerSecond } = find([
      check({ of: 'CUDA device 0', bytesPerSecond: 20e9 }),
      check({}),
      check({ kind: 'storage-cold', verdict: 'unknown', reason: 'the cache was not emptied', bytesPerSecond: 9e9 }),
    ]);
    expect(copyBytesPerSecond.size).toBe(0);
    expect(storageBytesPerSecond).toEqual({
      unknown: 'the preflight of this node did not measure it: plimsoll probe --active with the files of the model',
    });
  });

  it.each([
    ['too old', { takenAtMs: nowMs - ceilingsHoldMs - 86_400_001 }, /is 8d old: plimsoll probe --active$/],
    ['of the future', { takenAtMs: nowMs + 60_001 }, /a clock is wrong/],
  ])('are unknown where it is %s', (_why, changes, said) => {
    const { takenAtMs, copyBytesPerSecond, missing } = find([check({ bytesPerSecond: 20e9 })], changes);
    expect([takenAtMs, copyBytesPerSecond.size]).toEqual([null, 0]);
    expect(missing).toMatch(said);
  });

  it('hold up to the last moment, and a clock that steps back by a minute is no reason against them', () => {
    const copies = [check({ bytesPerSecond: 20e9 })];
    expect(find(copies, { takenAtMs: nowMs - ceilingsHoldMs }).copyBytesPerSecond.size).toBe(1);
    expect(find(copies, { takenAtMs: nowMs + 60_000 }).copyBytesPerSecond.size).toBe(1);
  });

  it('are unknown without one, with the reason that is known', () => {
    const why = { preflight: 'the last one was before the machine was started again' };
    expect(findMeasuredCeilings({ unknown: why }, nowMs).missing).toBe(
      'nothing was measured on this node: the last one was before the machine was started again',
    );
    expect(findMeasuredCeilings({ unknown: {} }, nowMs).storageBytesPerSecond).toEqual({
      unknown: 'nothing was measured on this node: plimsoll probe --active',
    });
  });
});
