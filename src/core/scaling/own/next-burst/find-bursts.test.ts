import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBursts, findGreatestBurst, type Inflow } from './find-bursts.ts';

const inflow = (arrivals: readonly number[], changes: Partial<Inflow> = {}): Inflow => ({
  arrivals,
  bucketMs: 2_000,
  waitMs: 10_000,
  ...changes,
});

/** Longest wait of a fluid that is served at a rate, seconds. */
function longestWait({ arrivals, bucketMs }: Inflow, servedPerSecond: number): number {
  let [backlog, most] = [0, 0];
  for (const arrived of arrivals) {
    backlog = Math.max(0, backlog + arrived - (servedPerSecond * bucketMs) / 1_000);
    most = Math.max(most, backlog / servedPerSecond);
  }
  return most;
}

describe('the greatest burst', () => {
  it('asks for the rate that serves it within its own time and the wait', () => {
    const quiet = Array<number>(20).fill(0);
    const found = findGreatestBurst(inflow([...quiet, ...Array<number>(10).fill(48), ...quiet]));
    // 480 requests in 20 s, each of which may wait 10 s.
    expect(found?.ratePerSecond).toBeCloseTo(16, 2);
    expect(found).toMatchObject({ from: 20, until: 30 });
  });

  it('is the one of the rate, and not of the most requests', () => {
    const found = findGreatestBurst(inflow([...Array<number>(30).fill(20), ...Array<number>(30).fill(0), 200, 200]));
    // 400 in 4 s and a wait of 10 s are 28.6/s; 600 in 60 s are less than 10/s.
    expect(found?.ratePerSecond).toBeCloseTo(400 / 14, 1);
    expect(found?.from).toBe(60);
  });

  it('is served in time at its rate, and not below it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(200), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(500, 5_000, 60_000),
        (arrivals, waitMs) => {
          const world = inflow(arrivals, { waitMs });
          const found = findGreatestBurst(world);
          expect(found === null).toBe(Math.max(...arrivals) === 0);
          if (found === null) return;
          expect(longestWait(world, found.ratePerSecond)).toBeLessThanOrEqual(waitMs / 1_000 + 1e-6);
          expect(longestWait(world, 0.98 * found.ratePerSecond)).toBeGreaterThan(waitMs / 1_000);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is none where nothing arrived', () => {
    expect(findGreatestBurst(inflow([]))).toBeNull();
    expect(findGreatestBurst(inflow([0, 0, 0]))).toBeNull();
  });
});

describe('the bursts that a rate does not serve in time', () => {
  const quiet = (seconds: number): number[] => Array<number>(seconds / 2).fill(0);
  const burst = (requests: number): number[] => Array<number>(10).fill(requests / 10);
  const found = (arrivals: readonly number[], servedPerSecond: number, apartMs = 40_000) => {
    const world = inflow(arrivals);
    const greatest = findGreatestBurst(world);
    return greatest === null ? [] : findBursts(world, servedPerSecond, { apartMs, greatest });
  };

  it('are each told with the rate that it asks for', () => {
    const arrivals = [
      ...quiet(60),
      ...burst(300),
      ...quiet(200),
      ...burst(480),
      ...quiet(200),
      ...burst(60),
      ...quiet(60),
    ];
    expect(found(arrivals, 8).map(({ ratePerSecond }) => Math.round(ratePerSecond))).toEqual([10, 16]);
  });

  it('are one where a start lies between them at most', () => {
    const arrivals = [...quiet(60), ...burst(300), ...quiet(60), ...burst(480), ...quiet(200)];
    expect(found(arrivals, 8, 20_000)).toHaveLength(2);
    expect(found(arrivals, 8, 60_000)).toHaveLength(1);
  });

  it('leave out one that goes on, unless it is the greatest already', () => {
    const first = [...quiet(60), ...burst(480), ...quiet(200)];
    expect(found([...first, 30, 30, 30, 30, 30, 30], 8)).toHaveLength(1);
    expect(found([...first, ...Array<number>(10).fill(60)], 8)).toHaveLength(2);
  });
});
