import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeScripted, makeWorld } from '../../../testing/rigs/scaling/simulated-worlds.ts';
import type { ServiceCurve } from '../../capacity/service-curve.ts';
import { seededRandom } from '../../statistics/random.ts';
import { makeStatic } from '../policies/static.ts';
import { simulate } from './simulate.ts';
import type { Arrival, SimulatedWorld } from './world.ts';

const endMs = 60_000;

const slots = fc
  .array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 })
  .map((speeds): ServiceCurve => {
    return { kind: 'slots', slots: speeds.length, speeds: speeds.sort((a, b) => b - a), meanWorkMs: 200 };
  });
const batch = fc
  .record({
    batchMs: fc.array(fc.double({ min: 0, max: 800, noNaN: true }), { minLength: 1, maxLength: 5 }),
    maxDelayMs: fc.constantFrom(0, 20, 300),
  })
  .map((parts): ServiceCurve => ({ kind: 'batch', ...parts }));
const arrivals = fc
  .array(
    fc.record({
      // Some at one moment.
      atMs: fc.oneof(fc.integer({ min: 0, max: endMs - 1 }), fc.constantFrom(0, 10_000, 15_000)),
      workMs: fc.double({ min: 0, max: 3, noNaN: true }),
    }),
    { maxLength: 400 },
  )
  .map((list): readonly Arrival[] => list.sort((a, b) => a.atMs - b.atMs));
const script = fc
  .array(fc.tuple(fc.integer({ min: 0, max: endMs }), fc.integer({ min: 0, max: 8 })), { maxLength: 12 })
  .map((steps) => [[0, 1] as const, ...steps.sort(([a], [b]) => a - b)]);
const world = fc
  .record({
    list: arrivals,
    curve: fc.oneof(slots, batch),
    scoreFromMs: fc.constantFrom(0, 20_000),
    initialReplicas: fc.integer({ min: 0, max: 4 }),
    dropAfterMs: fc.constantFrom(null, 0, 500, 5_000),
    queueLimit: fc.constantFrom(0, 3, 1_000),
    failureShare: fc.constantFrom(0, 0.5),
    lastShare: fc.constantFrom(0.7, 1),
    restartBackoffMs: fc.constantFrom(0, 4_000),
    drainAtMostMs: fc.constantFrom(0, 700, 30_000),
    stockOuts: fc.array(
      fc.record({
        fromMs: fc.integer({ min: 0, max: endMs }),
        toMs: fc.integer({ min: 0, max: endMs }),
        replicasAtMost: fc.integer({ min: 0, max: 4 }),
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ list, curve, failureShare, lastShare, ...changes }): SimulatedWorld => {
    const factor = curve.kind === 'slots' ? curve.meanWorkMs : 1;
    const shares = [0.5 * (1 - failureShare), lastShare * (1 - failureShare)];
    const starts = { timesMs: [1_000, 7_000], shares, failureShare, starts: 0 };
    return makeWorld(
      list.map(({ atMs, workMs }) => ({ atMs, workMs: workMs * factor })),
      { curve, starts, ...changes },
    );
  });

describe('in any world, under any policy', () => {
  it('each request is answered or dropped, once, and none before it could be', () => {
    fc.assert(
      fc.property(world, script, fc.nat(), (each, steps, seed) => {
        const all = [...{ [Symbol.iterator]: each.arrivals }].filter(({ atMs }) => atMs >= each.scoreFromMs);
        const answers: number[] = [];
        const result = simulate(each, makeScripted(steps), seededRandom(seed), {
          onAnswer: (arrivedAtMs, takenAtMs, endedAtMs) => {
            answers.push(arrivedAtMs);
            expect(takenAtMs).toBeGreaterThanOrEqual(arrivedAtMs);
            expect(endedAtMs).toBeGreaterThanOrEqual(takenAtMs);
            if (each.dropAfterMs !== null) expect(takenAtMs - arrivedAtMs).toBeLessThanOrEqual(each.dropAfterMs + 1e-6);
          },
        });
        expect(result.requests).toBe(all.length);
        expect(answers.length + result.dropped).toBe(all.length);
        // A multiset of moments: no moment is answered more often than requests arrived at it.
        const left = Map.groupBy(all, ({ atMs }) => atMs);
        for (const atMs of answers) expect(left.get(atMs)?.pop()).toBeDefined();
        expect(result.coldHits).toBeLessThanOrEqual(result.requests);
      }),
      { numRuns: 150 },
    );
  });

  it('accelerator-seconds by state are the integral of the replicas that hold one', () => {
    fc.assert(
      fc.property(world, script, fc.nat(), (each, steps, seed) => {
        const stepMs = 60;
        const { timeline, acceleratorSeconds, starts } = simulate(
          // Without drops the overtime may be long, and the timeline coarse.
          { ...each, scoreFromMs: 0, dropAfterMs: each.dropAfterMs ?? 5_000 },
          makeScripted(steps),
          seededRandom(seed),
          { recordEveryMs: stepMs },
        );
        const points = timeline.points.filter(({ atMs }) => atMs < endMs);
        const summed = (state: 'starting' | 'ready' | 'draining'): number =>
          points.reduce((sum, point) => sum + (point[state] * stepMs) / 1_000, 0);
        // A replica comes into and leaves a state between two points: a step of error for each.
        const slack = (2 * (each.initialReplicas + starts) * stepMs) / 1_000 + 1e-6;
        const { serving, idle, loading, draining } = acceleratorSeconds;
        expect(Math.abs(serving + idle - summed('ready'))).toBeLessThanOrEqual(slack);
        expect(Math.abs(loading - summed('starting'))).toBeLessThanOrEqual(slack);
        expect(Math.abs(draining - summed('draining'))).toBeLessThanOrEqual(slack);
      }),
      { numRuns: 150 },
    );
  });

  it('no more accelerators are taken than a stock-out leaves', () => {
    fc.assert(
      fc.property(world, script, fc.nat(), (each, steps, seed) => {
        const stockOuts = [{ fromMs: 0, toMs: endMs, replicasAtMost: 2 }];
        const { timeline } = simulate(
          { ...each, initialReplicas: 2, stockOuts },
          makeScripted(steps),
          seededRandom(seed),
        );
        for (const point of timeline.points.filter(({ atMs }) => atMs < endMs)) {
          expect(point.starting + point.ready + point.draining).toBeLessThanOrEqual(2);
        }
      }),
    );
  });

  it('the clock goes forward, and signals are never from the future', () => {
    fc.assert(
      fc.property(world, script, fc.nat(), fc.constantFrom(0, 1_500), (each, steps, seed, metricLagMs) => {
        const moments: number[] = [];
        const { timeline } = simulate({ ...each, metricLagMs }, makeScripted(steps), seededRandom(seed), {
          onDecision: ({ nowMs, signals }) => {
            expect(nowMs).toBeGreaterThan(moments.at(-1) ?? -1);
            moments.push(nowMs);
            if (signals.queueDepth !== null) expect(signals.atMs).toBeLessThanOrEqual(nowMs - metricLagMs);
          },
        });
        timeline.points.forEach(({ atMs }, index) => {
          expect(atMs).toBeGreaterThanOrEqual(timeline.points[index - 1]?.atMs ?? 0);
        });
      }),
    );
  });

  it('the same seed gives the same result, bit for bit', () => {
    fc.assert(
      fc.property(world, script, fc.nat(), (each, steps, seed) => {
        const once = (): string => JSON.stringify(simulate(each, makeScripted(steps), seededRandom(seed)));
        expect(once()).toBe(once());
      }),
      { numRuns: 50 },
    );
  });

  it('more replicas of one slot never lower attainment', () => {
    // First come first served: with one server more no request waits longer (Kiefer and Wolfowitz 1955).
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 6 }), (list, replicas) => {
        const one = makeWorld(list.map(({ atMs, workMs }) => ({ atMs, workMs: workMs * 900 })));
        const [fewer, more] = [replicas, replicas + 1].map((count) =>
          simulate(one, makeStatic(count), seededRandom(1)),
        );
        expect(more?.attainmentShare).toBeGreaterThanOrEqual(fewer?.attainmentShare ?? 1);
      }),
    );
  });
});
