import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeWorld } from '../../../testing/rigs/scaling/simulated-worlds.ts';
import { statedCapacity } from '../../capacity/read-stated-curve.ts';
import { lognormalStarts } from '../../coldstart/stated-starts.ts';
import { seededRandom } from '../../statistics/random.ts';
import { plimsollPolicy } from '../own/plimsoll.ts';
import { baselinePolicies } from '../policies/baselines.ts';
import { hpaBehaviorDefaults } from '../policies/hpa-rules.ts';
import { makeHpa } from '../policies/hpa.ts';
import { makeKpa } from '../policies/kpa.ts';
import { makeLlmdWva } from '../policies/llmd-wva.ts';
import { makeRayServe } from '../policies/ray-serve.ts';
import { makeStatic } from '../policies/static.ts';
import type { Policy } from '../policy.ts';
import { simulate } from './simulate.ts';
import type { Arrival, SimulatedWorld } from './world.ts';

const policies: readonly Policy[] = [
  plimsollPolicy,
  ...baselinePolicies.map(({ make }) => make()),
  makeHpa({ behavior: hpaBehaviorDefaults, downStabilizationMs: 60_000, scaleToZero: true }),
  makeKpa({ scaleDownDelayMs: 60_000, stableWindowMs: 30_000, targetConcurrency: null }),
  makeLlmdWva({ memoryFrom: 'in-flight-share', intervalMs: 15_000 }),
  makeStatic(2),
];

/** Clumps of requests, and silences of up to an hour between them. */
const clumps = fc
  .array(
    fc.record({
      silenceMs: fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 90_000, max: 3_600_000 })),
      gapsMs: fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 40 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((list): readonly Arrival[] => {
    let atMs = 0;
    return list.flatMap(({ silenceMs, gapsMs }) => {
      atMs += silenceMs;
      return gapsMs.map((gapMs) => ({ atMs: (atMs += gapMs), workMs: 300 + (gapMs % 700), units: gapMs % 700 }));
    });
  });
const worlds = fc
  .record({
    arrivals: clumps,
    curve: fc.constantFrom(
      { kind: 'slots', slots: 2, speeds: [1, 0.9], meanWorkMs: 500 } as const,
      { kind: 'batch', batchMs: [1, 1.5, 2], maxDelayMs: 50 } as const,
    ),
    startMs: fc.constantFrom(4_000, 40_000),
    minReplicas: fc.constantFrom(0, 1, 3),
    warmPool: fc.constantFrom(0, 1),
    metricPeriodMs: fc.constantFrom(500, 1_000, 3_000),
    metricLagMs: fc.constantFrom(0, 500, 4_500),
    afterMs: fc.constantFrom(1, 1_800_000),
    sleeps: fc.boolean(),
    isWorkTold: fc.boolean(),
    stockOuts: fc.array(fc.record({ fromMs: fc.nat(3_600_000), toMs: fc.nat(7_200_000), replicasAtMost: fc.nat(2) }), {
      maxLength: 1,
    }),
  })
  .map(
    ({ arrivals, curve, startMs, minReplicas, warmPool, afterMs, sleeps, isWorkTold, ...metrics }): SimulatedWorld => {
      const endMs = (arrivals.at(-1)?.atMs ?? 0) + afterMs;
      const { terms, ...world } = makeWorld(arrivals, { ...metrics, capacity: statedCapacity(curve) });
      const sleep = sleeps ? { sleep: { replicas: 2, wakeMs: 1_000, priceShare: 0.1 } } : {};
      return {
        ...world,
        ...(isWorkTold ? { unit: 'rows' as const } : {}),
        endMs,
        scoreFromMs: endMs / 10,
        starts: lognormalStarts(0.75 * startMs, startMs, 0.1),
        terms: {
          ...terms,
          minReplicas,
          toZero: minReplicas === 0,
          maxReplicas: 6,
          warmPool,
          latencyMs: 5_000,
          ...sleep,
        },
      };
    },
  );

describe.each(policies.map((policy, index) => ({ name: `${policy.name} ${index}`, policy })))('$name', ({ policy }) => {
  it('does the same where decisions of a silence are passed over, bit for bit', () => {
    fc.assert(
      fc.property(worlds, fc.nat(), (world, seed) => {
        const passed = simulate(world, policy, seededRandom(seed));
        const asked = simulate(world, policy, seededRandom(seed), { onDecision: () => undefined });
        expect(JSON.stringify(passed)).toBe(JSON.stringify(asked));
      }),
      { numRuns: policy.periodMs <= 2_000 ? 15 : 30 },
    );
  }, 300_000);

  it('does not ask for each decision of a silence', () => {
    const arrivals = [0, 1_000, 2_000, 7_200_000].map((atMs) => ({ atMs, workMs: 100 }));
    const { terms, ...world } = makeWorld(arrivals, { endMs: 10_800_000, metricLagMs: 500 });
    const one = { ...world, terms: { ...terms, minReplicas: 1, toZero: false } };
    let asked = 0;
    const decide: Policy['decide'] = (input, state) => {
      asked += 1;
      return policy.decide(input, state);
    };
    const { decisions } = simulate(one, { ...policy, decide }, seededRandom(1));
    expect(decisions).toBe(10_800_000 / policy.periodMs);
    expect(asked).toBeLessThan(decisions / 2);
  });
});

it('passes over a delay of Ray Serve that runs in a silence', () => {
  const arrivals = Array.from({ length: 100 }, (_, index) => ({ atMs: index * 100, workMs: 3_000 }));
  const { terms, ...world } = makeWorld(arrivals, { endMs: 3_600_000, metricLagMs: 500 });
  const ray = makeRayServe();
  let asked = 0;
  const decide: typeof ray.decide = (input, state) => {
    asked += 1;
    return ray.decide(input, state);
  };
  const few = { ...world, terms: { ...terms, maxReplicas: 6, minReplicas: 1, toZero: false } };
  const { decisions } = simulate(few, { ...ray, decide }, seededRandom(1));
  expect(decisions).toBe(36_000);
  // Requests, and the ten minutes until their replicas are given up, are less than a tenth of it where the ten minutes are passed over.
  expect(asked).toBeLessThan(3_600);
});

it('asked tick by tick, a policy sees the same where signals that nobody looks at are not taken', () => {
  fc.assert(
    fc.property(worlds, fc.nat(), (world, seed) => {
      // A period that is a little short makes the simulator take every sample.
      const seen: string[] = [];
      simulate(world, { ...plimsollPolicy, periodMs: 4_000 }, seededRandom(seed), {
        onDecision: ({ nowMs, signals }) => {
          seen.push(`${nowMs} ${signals.atMs}`);
          const due = Math.floor((nowMs - world.metricLagMs) / world.metricPeriodMs) * world.metricPeriodMs;
          expect(signals.atMs).toBe(Math.max(0, due));
        },
      });
      expect(seen.length).toBeGreaterThan(0);
    }),
    { numRuns: 20 },
  );
});
