import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareReplays, type Replay } from './paired-replays.ts';

const run = (seed: number, deviceSeconds: number, late = 0, requests = 100) => ({
  seed,
  deviceSeconds,
  requests,
  late,
});

describe('two replays', () => {
  it('differ by the mean of the seeds, with limits over the seeds of the only block', () => {
    const present: Replay = [[run(1, 100, 4), run(2, 120, 6)]];
    const changed: Replay = [[run(1, 110, 5), run(2, 134, 7)]];
    const { deviceSeconds, late, ...rest } = compareReplays(present, changed);
    expect(rest).toEqual({
      present: { deviceSeconds: 110, requests: 100, late: 5 },
      changed: { deviceSeconds: 122, requests: 100, late: 6 },
      limitsOver: 'seeds',
    });
    // Differences 10 and 14: standard error 2, and t of one degree of freedom is 12.706.
    expect(deviceSeconds.mean).toBe(12);
    expect(deviceSeconds.low).toBeCloseTo(-13.41, 2);
    expect(deviceSeconds.high).toBeCloseTo(37.41, 2);
    expect(late).toEqual({ mean: 1, low: 1, high: 1 });
  });

  it('have limits over the blocks where there are several, whatever the seeds say', () => {
    const present: Replay = [
      [run(1, 100), run(2, 100)],
      [run(3, 200), run(4, 200)],
    ];
    const changed: Replay = [
      [run(1, 90), run(2, 94)],
      [run(3, 186), run(4, 190)],
    ];
    const { deviceSeconds, limitsOver } = compareReplays(present, changed);
    expect(limitsOver).toBe('blocks');
    // -8 and -12.
    expect(deviceSeconds.mean).toBe(-10);
    expect(deviceSeconds.low).toBeCloseTo(-35.41, 2);
  });

  it('have no limits where there is one run', () => {
    expect(compareReplays([[run(1, 10)]], [[run(1, 7)]]).deviceSeconds).toEqual({ mean: -3, low: null, high: null });
  });

  it('are compared only where blocks, seeds and requests are the same', () => {
    expect(() => compareReplays([[run(1, 10)]], [[run(2, 10)]])).toThrow('other blocks or seeds');
    expect(() => compareReplays([[run(1, 10)]], [[run(1, 10, 0, 99)]])).toThrow('other blocks or seeds');
    expect(() => compareReplays([], [])).toThrow('other blocks or seeds');
  });

  it('differ the other way round by the negative', () => {
    const number = fc.double({ min: 0, max: 1e6, noNaN: true });
    const pair = fc.tuple(number, number);
    fc.assert(
      fc.property(
        fc.array(fc.array(pair, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 }),
        (blocks) => {
          const of = (side: 0 | 1): Replay => blocks.map((runs) => runs.map((each, at) => run(at, each[side])));
          const there = compareReplays(of(0), of(1)).deviceSeconds;
          const back = compareReplays(of(1), of(0)).deviceSeconds;
          expect(back.mean).toBeCloseTo(-there.mean, 6);
          expect(back.low ?? Number.NaN).toBeCloseTo(-(there.high ?? Number.NaN), 3);
        },
      ),
    );
  });
});
