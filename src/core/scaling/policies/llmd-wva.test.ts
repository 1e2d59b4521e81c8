import { describe, expect, test } from 'vitest';
import { makeAsker, makePolicyInput, makeReplicas } from '../../../testing/builders/scaling/scaling-builders.ts';
import { makeLlmdWva } from './llmd-wva.ts';

/** Signals of ready replicas, each [used share of the cache, queue]. */
function told(...loads: readonly (readonly [number | null, number | null])[]) {
  return {
    queueDepth: loads.reduce((sum, [, queue]) => sum + (queue ?? 0), 0),
    inFlight: 1,
    arrivalsPerSecond: 1,
    replicas: loads.map(([acceleratorMemoryShare, queueDepth], index) => ({
      replicaId: `r-${index}`,
      queueDepth,
      inFlight: 1,
      acceleratorMemoryShare,
    })),
  };
}

describe('makeLlmdWva by the worked numbers of analyzer_test.go', () => {
  test.each([
    {
      name: 'low spare cache',
      loads: [
        [0.75, 2],
        [0.76, 2],
      ],
      want: 3,
    },
    {
      name: 'low spare queue',
      loads: [
        [0.5, 3],
        [0.5, 3],
      ],
      want: 3,
    },
    {
      name: 'healthy, and one would not do',
      loads: [
        [0.5, 1],
        [0.5, 1],
      ],
      want: 2,
    },
    {
      name: 'safe to go down',
      loads: [
        [0.2, 1],
        [0.3, 1],
        [0.25, 1],
      ],
      want: 2,
    },
    {
      name: 'all saturated',
      loads: [
        [0.85, 2],
        [0.5, 6],
        [0.9, 7],
      ],
      want: 4,
    },
    {
      name: 'means of the unsaturated alone',
      loads: [
        [0.85, 2],
        [0.5, 6],
        [0.6, 2],
      ],
      want: 3,
    },
    { name: 'one alone never goes', loads: [[0.1, 0]], want: 1 },
  ] as const)('$name: $want', ({ loads, want }) => {
    const ask = makeAsker(makeLlmdWva());
    expect(ask({ signals: told(...loads), replicas: makeReplicas(loads.length) })).toBe(want);
  });
});

test('skips while a replica is pending or starting, however loaded the others are', () => {
  const ask = makeAsker(makeLlmdWva());
  expect(ask({ signals: told([0.9, 9]), replicas: makeReplicas(1) })).toBe(2);
  for (const atSeconds of [60, 600, 6_000]) {
    expect(ask({ atSeconds, signals: told([0.99, 99]), replicas: makeReplicas(1, 1) })).toBe(2);
  }
  expect(ask({ atSeconds: 6_060, signals: told([0.99, 99], [0.9, 9]), replicas: makeReplicas(2) })).toBe(3);
});

test('a decision that is not carried out yet stays', () => {
  const ask = makeAsker(makeLlmdWva());
  expect(ask({ signals: told([0.9, 9]) })).toBe(2);
  expect(ask({ atSeconds: 60, signals: told([0.1, 0]), replicas: makeReplicas(1) })).toBe(2);
  expect(ask({ atSeconds: 120, signals: told([0.1, 0]), replicas: [] })).toBe(2);
});

test.each([
  { what: 'a replica that told nothing', signals: told([0.99, 9]), ready: 2 },
  { what: 'an unknown cache', signals: told([null, 9]), ready: 1 },
  { what: 'an unknown queue', signals: told([0.99, null]), ready: 1 },
])('$what keeps the count and says so', ({ signals, ready }) => {
  const policy = makeLlmdWva();
  const { decision } = policy.decide(makePolicyInput({ signals, replicas: makeReplicas(ready) }), policy.begin(0));
  expect(decision).toMatchObject({ desired: ready, reason: `WVA: of ${ready} ready not all are known: ${ready} stay` });
});

test('requests that wait in the gateway count at each replica in parts', () => {
  const signals = { ...told([0.2, 0], [0.2, 0]), queueDepth: 6 };
  expect(makeAsker(makeLlmdWva())({ signals, replicas: makeReplicas(2) })).toBe(3);
});

test('an engine without a cache can be judged by the requests under way', () => {
  const one = { replicaId: 'r-0', queueDepth: 0, inFlight: 8, acceleratorMemoryShare: null };
  const signals = { queueDepth: 0, inFlight: 8, arrivalsPerSecond: 1, replicas: [one] };
  expect(makeAsker(makeLlmdWva())({ signals })).toBe(1);
  expect(makeAsker(makeLlmdWva({ memoryFrom: 'in-flight-share' }))({ signals })).toBe(2);
});

describe('zero', () => {
  const terms = { minReplicas: 0, toZero: true };
  const idle = { ...told([0, 0]), inFlight: 0, arrivalsPerSecond: 0 };

  test('after ten minutes without a request, and back when one waits', () => {
    const ask = makeAsker(makeLlmdWva());
    expect(ask({ atSeconds: 0, signals: told([0.1, 0]), terms })).toBe(1);
    expect(ask({ atSeconds: 540, signals: idle, terms })).toBe(1);
    expect(ask({ atSeconds: 600, signals: idle, terms })).toBe(0);
    expect(ask({ atSeconds: 660, signals: { ...idle, replicas: [] }, replicas: [], terms })).toBe(0);
    expect(ask({ atSeconds: 720, signals: { queueDepth: 1 }, replicas: [], terms })).toBe(1);
  });

  test('what is unknown is not idle', () => {
    const ask = makeAsker(makeLlmdWva());
    ask({ atSeconds: 0, signals: idle, terms });
    expect(ask({ atSeconds: 599, signals: {}, terms })).toBe(1);
    expect(ask({ atSeconds: 900, signals: idle, terms })).toBe(1);
  });
});
