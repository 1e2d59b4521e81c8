import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makePolicyInput } from '../../../testing/builders/scaling/scaling-builders.ts';
import type { Policy, PolicyInput, ScaledReplica } from '../policy.ts';
import type { ReplicaSignals } from '../signals.ts';
import { baselinePolicies } from './baselines.ts';
import { makeHpa } from './hpa.ts';
import { hpaBehaviorDefaults } from './hpa-rules.ts';
import { makeKpa } from './kpa.ts';
import { makeLlmdWva } from './llmd-wva.ts';
import { makeStatic } from './static.ts';

/** The defaults, the ends of each grid, and what only an option turns on. */
const policies: readonly Policy[] = [
  ...baselinePolicies.flatMap((baseline) => {
    const tuned = baseline.makeTuned().map(({ policy }) => policy);
    return [baseline.make(), ...tuned.slice(0, 1), ...tuned.slice(-1)];
  }),
  makeHpa({ behavior: hpaBehaviorDefaults, targetKind: 'value', scaleToZero: true }),
  makeKpa({ scaleDownDelayMs: 60_000, activationScale: 3, targetConcurrency: null }),
  makeLlmdWva({ memoryFrom: 'in-flight-share' }),
  makeStatic(3),
];
const named = policies.map((policy, index) => ({ name: `${policy.name} ${index}`, policy }));

const count = fc.integer({ min: 0, max: 400 });
const unknown = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null, freq: 3 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const replica: fc.Arbitrary<{ replica: ScaledReplica['state']; told: Omit<ReplicaSignals, 'replicaId'> | null }> =
  fc.record({
    replica: fc.constantFrom('pending', 'starting', 'ready', 'draining'),
    told: fc.option(
      fc.record({ queueDepth: unknown(count), inFlight: unknown(count), acceleratorMemoryShare: unknown(share) }),
      { nil: null, freq: 4 },
    ),
  });
const terms = fc
  .record({ minReplicas: fc.integer({ min: 0, max: 5 }), more: fc.integer({ min: 1, max: 20 }), toZero: fc.boolean() })
  .map(({ minReplicas, more, toZero }) => ({ minReplicas, maxReplicas: minReplicas + more, toZero }));
const step = fc.record({
  waitedMs: fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.constantFrom(100, 2_000, 15_000, 600_000)),
  queueDepth: unknown(count),
  inFlight: unknown(count),
  arrivalsPerSecond: unknown(count),
  replicas: fc.array(replica, { maxLength: 12 }),
});

/** Inputs of one service over time; the terms of a service do not move in it. */
const histories: fc.Arbitrary<readonly PolicyInput[]> = fc
  .record({ terms, steps: fc.array(step, { minLength: 1, maxLength: 30 }) })
  .map(({ terms: chosen, steps }) => {
    let nowMs = 0;
    return steps.map(({ waitedMs, replicas, ...signals }) => {
      nowMs += waitedMs;
      const told = replicas.flatMap((each, index) =>
        each.told === null ? [] : [{ replicaId: `r-${index}`, ...each.told }],
      );
      const scaled = replicas.map((each, index) => ({
        replicaId: `r-${index}`,
        state: each.replica,
        orderedAtMs: 0,
        readyAtMs: each.replica === 'ready' ? 0 : null,
      }));
      return makePolicyInput({
        atSeconds: nowMs / 1000,
        terms: chosen,
        replicas: scaled,
        signals: { ...signals, replicas: told },
      });
    });
  });

function run(policy: Policy, inputs: readonly PolicyInput[], between: (state: unknown) => unknown = (state) => state) {
  let state = policy.begin(0);
  return inputs.map((input) => {
    const made = policy.decide(input, between(state));
    state = made.state;
    return made;
  });
}

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe.each(named)('$name', ({ policy }) => {
  test('stays inside the terms with whole replicas, whatever is known', () => {
    fc.assert(
      fc.property(histories, (inputs) => {
        run(policy, inputs).forEach(({ decision }, index) => {
          const { minReplicas, maxReplicas, toZero } = inputs[index]!.terms;
          expect(Number.isInteger(decision.desired)).toBe(true);
          expect(decision.desired).toBeGreaterThanOrEqual(toZero ? minReplicas : Math.max(1, minReplicas));
          expect(decision.desired).toBeLessThanOrEqual(maxReplicas);
        });
      }),
    );
  });

  test('decides the same again, and the same with a state that was stored between', () => {
    fc.assert(
      fc.property(histories, (inputs) => {
        const first = run(policy, inputs);
        expect(run(policy, inputs)).toEqual(first);
        expect(run(policy, inputs, throughJson)).toEqual(first);
        for (const { decision } of first) expect(throughJson(decision)).toEqual(decision);
      }),
    );
  });

  test('leaves its input and its state as they were', () => {
    fc.assert(
      fc.property(histories, (inputs) => {
        const kept = structuredClone(inputs);
        run(policy, inputs, (state) => deepFrozen(state));
        expect(inputs).toEqual(kept);
      }),
      { numRuns: 20 },
    );
  });

  test('remembers a bounded amount, asked ever so often', () => {
    const input = (second: number) =>
      makePolicyInput({ atSeconds: second / 10, signals: { queueDepth: second % 97, inFlight: second % 13 } });
    const lengths = [2_000, 6_000].map((asked) => {
      const last = run(
        policy,
        Array.from({ length: asked }, (_, index) => input(index)),
      ).at(-1);
      return JSON.stringify(last?.state).length;
    });
    expect(lengths[1]).toBeLessThan(30_000);
    expect(lengths[1]).toBeLessThan(1.5 * (lengths[0] ?? 0) + 2_000);
  });
});

test('the grids of the knobs hold no more than a hundred rules each, and none twice', () => {
  for (const { name, makeTuned } of baselinePolicies) {
    const grid = makeTuned().map(({ options }) => JSON.stringify(options));
    expect([name, new Set(grid).size]).toEqual([name, grid.length]);
    expect(grid.length).toBeGreaterThan(5);
    expect(grid.length).toBeLessThanOrEqual(100);
  }
});

function deepFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach((each) => deepFrozen(each as unknown));
    Object.freeze(value);
  }
  return value;
}
