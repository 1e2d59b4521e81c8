import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aBoundsWorld } from '../../../../testing/builders/bounds-builders.ts';
import { seededRandom } from '../../../statistics/random.ts';
import { simulate } from '../../simulation/simulate.ts';
import type { Arrival, SimulatedWorld } from '../../simulation/world.ts';
import { lowerBound } from './lower-bound.ts';
import { planOffline } from '../offline/plan-offline.ts';
import { makePlannedPolicy } from '../schedule.ts';
import { totalSeconds } from '../../simulation/score/score.ts';

/** Bursts: so many at a random distance, of sizes about each other's. */
function someArrivals(endMs: number, most: number): fc.Arbitrary<readonly Arrival[]> {
  const burst = fc.record({
    fromMs: fc.integer({ min: 0, max: endMs - 1 }),
    everyMs: fc.integer({ min: 10, max: 700 }),
    count: fc.integer({ min: 1, max: most }),
    workMs: fc.integer({ min: 20, max: 400 }),
    spread: fc.constantFrom(0, 0.5, 3),
  });
  return fc.array(burst, { minLength: 1, maxLength: 4 }).map((bursts) =>
    bursts
      .flatMap(({ fromMs, everyMs, count, workMs, spread }, seed) => {
        const random = seededRandom(seed + fromMs);
        return Array.from({ length: count }, (_, index) => ({
          atMs: fromMs + index * everyMs,
          workMs: workMs * (1 + spread * random.nextShare()),
        }));
      })
      .filter(({ atMs }) => atMs < endMs)
      .toSorted((a, b) => a.atMs - b.atMs),
  );
}

/** No timeline: it would take most of the time. */
const untold = { recordEveryMs: 1e9 };

const curves = fc.constantFrom<SimulatedWorld['capacity']['curve']>(
  { kind: 'slots', slots: 1, speeds: [1], meanWorkMs: 200 },
  { kind: 'slots', slots: 4, speeds: [1, 0.9, 0.7, 0.6], meanWorkMs: 200 },
  { kind: 'slots', slots: 2, speeds: [0.8, 0.3], meanWorkMs: 200 },
);
const batches = { kind: 'batch', batchMs: [120, 150, 180, 300], maxDelayMs: 20 } as const;
const starts = fc.constantFrom<SimulatedWorld['starts']>(
  { timesMs: [2000], shares: [1], failureShare: 0, starts: 0 },
  { timesMs: [3000, 5000, 20_000], shares: [0.3, 0.8, 1], failureShare: 0, starts: 0 },
  { timesMs: [4000, 9000], shares: [0.5, 0.9], failureShare: 0.1, starts: 0 },
);

const worlds = fc
  .record({
    arrivals: someArrivals(100_000, 150),
    slots: curves,
    batch: fc.boolean(),
    starts,
    scoreFromMs: fc.constantFrom(0, 1500, 20_000),
    initialReplicas: fc.integer({ min: 0, max: 3 }),
    dropAfterMs: fc.constantFrom(null, 500, 3000, 20_000),
    queueLimit: fc.constantFrom(3, 100_000),
    drainAtMostMs: fc.constantFrom(100, 600_000),
    terms: fc.record({
      latencyMs: fc.constantFrom(450, 1000, 4000),
      minReplicas: fc.integer({ min: 0, max: 2 }),
      maxReplicas: fc.constantFrom(2, 6),
      toZero: fc.boolean(),
    }),
  })
  .map(({ arrivals, slots, batch, terms, ...rest }) => {
    // A factor of a batch is about 1.
    const sized = batch ? arrivals.map(({ atMs, workMs }) => ({ atMs, workMs: workMs / 200 })) : arrivals;
    const capacity = { curve: batch ? batches : slots, ratePerSecond: 4, concurrency: 2, serviceMs: 200 };
    return aBoundsWorld(sized, 100_000, { ...rest, capacity, terms });
  });

const schedules = fc.array(
  fc.record({ forMs: fc.integer({ min: 1, max: 40 }), desired: fc.integer({ min: 0, max: 6 }) }),
  {
    minLength: 1,
    maxLength: 12,
  },
);

describe('a lower bound', () => {
  it('lies under what any schedule costs that attains the share, however it does', () => {
    fc.assert(
      fc.property(worlds, schedules, fc.integer({ min: 0, max: 1000 }), (world, drawn, seed) => {
        let atMs = 0;
        const schedule = drawn.map(({ forMs, desired }) => {
          const step = { atMs, desired };
          atMs += forMs * 1000;
          return step;
        });
        const result = simulate(world, makePlannedPolicy(schedule, 500), seededRandom(seed), untold);
        const attained = { ...world, terms: { ...world.terms, attainmentShare: result.attainmentShare } };
        const bound = lowerBound(attained, 'least', 500_000);
        expect(bound.acceleratorSeconds).toBeLessThanOrEqual(totalSeconds(result.acceleratorSeconds) + 1e-6);
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  it('lies under the best of all schedules on a small grid, and that under the plan', () => {
    const seconds = 7;
    const starting = { timesMs: [2000], shares: [1], failureShare: 0, starts: 0 };
    const small = someArrivals(seconds * 1000, 20).map((arrivals) =>
      aBoundsWorld(arrivals, seconds * 1000, {
        starts: starting,
        initialReplicas: 1,
        dropAfterMs: 3000,
        terms: { maxReplicas: 2, attainmentShare: 0.9 },
      }),
    );
    let attained = 0;
    fc.assert(
      fc.property(small, (world) => {
        const run = (policy: Parameters<typeof simulate<number>>[1]) =>
          simulate(world, policy, seededRandom(1), untold);
        let optimum = Infinity;
        for (let code = 0; code < 3 ** seconds; code += 1) {
          const levels = Array.from({ length: seconds }, (_, second) => Math.floor(code / 3 ** second) % 3);
          const schedule = levels.map((desired, second) => ({ atMs: second * 1000, desired }));
          const result = run(makePlannedPolicy(schedule, 1000));
          if (result.attainmentShare >= 0.9) optimum = Math.min(optimum, totalSeconds(result.acceleratorSeconds));
        }
        const bound = lowerBound(world, 'least').acceleratorSeconds;
        expect(bound).toBeLessThanOrEqual(optimum + 1e-6);
        const plan = planOffline(world, run, { simulationsAtMost: 60, periodsAtMost: 100 });
        if (!plan.attains) return;
        attained += 1;
        expect(totalSeconds(plan.result.acceleratorSeconds)).toBeGreaterThanOrEqual(optimum - 1e-6);
      }),
      { numRuns: 10 },
    );
    expect(attained).toBeGreaterThan(0);
  }, 120_000);

  it('lies under the mean cost of waiting or giving up slow starts, where they are charged by their mean', () => {
    const world = aBoundsWorld([{ atMs: 150_000, workMs: 500 }], 200_000, {
      starts: { timesMs: [5000, 50_000], shares: [0.6, 1], failureShare: 0, starts: 0 },
      initialReplicas: 0,
    });
    const bound = lowerBound(world, 'expected').acceleratorSeconds;
    // One that is ready by 0.6 costs (0.6 * 5 + 0.4 * 5) / 0.6 = 8.3 s when it is given up after 5 s.
    expect(bound).toBeGreaterThan(7.5);
    const costs = Array.from({ length: 400 }, (_, seed) => {
      const giveUp = {
        name: 'give-up',
        periodMs: 1000,
        begin: () => 0,
        decide: ({ nowMs, replicas }: Parameters<ReturnType<typeof makePlannedPolicy>['decide']>[0]) => {
          const slow = replicas.some((each) => each.state === 'starting' && nowMs - each.orderedAtMs > 5000);
          const wanted = nowMs >= 100_000 && nowMs < 151_000 && !slow ? 1 : 0;
          return { decision: { desired: wanted, reason: 'gives up after 5 s', terms: {} }, state: 0 };
        },
      };
      // Ready at once when it was ordered before the request, and held until it came.
      return totalSeconds(simulate(world, giveUp, seededRandom(seed), untold).acceleratorSeconds);
    });
    expect(costs.reduce((a, b) => a + b, 0) / costs.length).toBeGreaterThan(bound);
  });
});
