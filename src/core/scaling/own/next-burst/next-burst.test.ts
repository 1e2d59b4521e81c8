import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../../../statistics/random.ts';
import { asSeen, predictNextBurst, withNextBurst, type BurstQuestion } from './next-burst.ts';

const bucketMs = 2_000;
const asked = (arrivals: readonly number[], changes: Partial<BurstQuestion> = {}): BurstQuestion => ({
  arrivals,
  bucketMs,
  waitMs: 10_000,
  startMs: 40_000,
  standsMs: 224_000,
  ...changes,
});

/** Bursts of 20 s in a history of `seconds`, evenly spread, with so many requests each. */
function historyOf(seconds: number, bursts: readonly number[]): readonly number[] {
  const arrivals = Array<number>(seconds / 2).fill(0);
  for (const [index, requests] of bursts.entries()) {
    const from = Math.floor(((index + 0.5) * arrivals.length) / bursts.length);
    for (let at = from; at < from + 10; at += 1) arrivals[at] = requests / 10;
  }
  return arrivals;
}

describe('the next burst', () => {
  it('may be greater than the greatest of few that differ', () => {
    // The worked number: 480, 435 and 255 requests in 20 s and a wait of 10 s ask for 16, 14.5 and 8.5 a second.
    const next = predictNextBurst(asked(historyOf(850, [255, 480, 435])));
    expect(next.factor).toBeCloseTo(1.68, 1);
    expect(next).toMatchObject({ from: 212, until: 222 });
  });

  it('is as great as what was seen once that is nine times as long as settings stand', () => {
    const sizes = [255, 480, 435, 300, 410];
    const factors = [600, 1_000, 1_400, 2_020, 8_000].map(
      (seconds) => predictNextBurst(asked(historyOf(seconds, sizes))).factor,
    );
    expect(factors).toEqual(factors.toSorted((one, other) => other - one));
    expect(factors[0]).toBeGreaterThan(1.2);
    expect(factors.slice(3)).toEqual([1, 1]);
  });

  it('is as great as what was seen where bursts are alike, one was seen, or none', () => {
    expect(predictNextBurst(asked(historyOf(850, [480, 470, 485])))).toBe(asSeen);
    expect(predictNextBurst(asked(historyOf(850, [480])))).toBe(asSeen);
    expect(predictNextBurst(asked(historyOf(850, [])))).toBe(asSeen);
    expect(predictNextBurst(asked([]))).toBe(asSeen);
    expect(predictNextBurst(asked(Array<number>(400).fill(40)))).toBe(asSeen);
  });

  it('is as great as what was seen where a few requests more are chance', () => {
    expect(predictNextBurst(asked(historyOf(850, [2, 4, 3, 2])))).toBe(asSeen);
  });

  it('is never more than twice the greatest', () => {
    expect(predictNextBurst(asked(historyOf(300, [1_000, 501]))).factor).toBe(2);
  });

  it('holds more than five times in six where bursts differ, and the greatest seen holds twice in three', () => {
    const random = seededRandom(7);
    const [trials, rounds] = [1_500, 2];
    let [held, heldAsSeen] = [0, 0];
    for (let trial = 0; trial < trials; trial += 1) {
      const sizes = Array.from({ length: 3 * rounds }, () => drawBurst(random));
      const next = Math.max(...Array.from({ length: 3 }, () => drawBurst(random)));
      const seen = Math.max(...sizes);
      const { factor } = predictNextBurst(asked(historyOf(rounds * 224, sizes), { startMs: 2_000 }));
      held += next <= factor * seen ? 1 : 0;
      heldAsSeen += next <= seen ? 1 : 0;
    }
    expect(heldAsSeen / trials).toBeLessThan(0.7);
    expect(held / trials).toBeGreaterThan(5 / 6);
  });
});

/** Requests of a burst, with the tail of Pareto: the logarithm exceeds a great value by 0.3 on the mean. */
const drawBurst = (random: Random): number => 400 * (1 - random.nextShare()) ** -0.3;

describe('a history with the next burst in it', () => {
  const arrivals = [1, 2, 3, 4, 5];

  it('has the greatest burst as great as the next may be, and all else as it was', () => {
    expect(withNextBurst(arrivals, { factor: 1.5, from: 2, until: 4 })).toEqual([1, 2, 4.5, 6, 5]);
    expect(withNextBurst(arrivals, asSeen)).toBe(arrivals);
  });

  it('is of what is asked now, whatever was asked before', () => {
    const first = withNextBurst(arrivals, { factor: 1.5, from: 2, until: 4 });
    expect(withNextBurst(arrivals, { factor: 1.5, from: 2, until: 4 })).toBe(first);
    expect(withNextBurst(arrivals, { factor: 2, from: 2, until: 4 })).toEqual([1, 2, 6, 8, 5]);
    expect(withNextBurst(arrivals, { factor: 2, from: 0, until: 1 })).toEqual([2, 2, 3, 4, 5]);
    expect(arrivals).toEqual([1, 2, 3, 4, 5]);
  });
});
