import { describe, expect, test } from 'vitest';
import { makeAsker, makeReplicas } from '../../../testing/builders/scaling/scaling-builders.ts';
import { makeKeda } from './keda.ts';

const toZero = { minReplicas: 0, toZero: true };
const work = (queueDepth: number | null) => ({ queueDepth, inFlight: 0 });

describe('makeKeda', () => {
  test('an active trigger takes 0 to 1 at the next poll; 1 to N is the HPA', () => {
    const ask = makeAsker(makeKeda());
    const none = { replicas: [], terms: toZero };
    expect(ask({ ...none, atSeconds: 0, signals: work(0) })).toBe(0);
    expect(ask({ ...none, atSeconds: 15, signals: work(40) })).toBe(0);
    expect(ask({ ...none, atSeconds: 30, signals: work(40) })).toBe(1);
    expect(ask({ atSeconds: 45, signals: work(40), replicas: makeReplicas(0, 1), terms: toZero })).toBe(4);
  });

  test('a minimum above 1 is where it begins', () => {
    const ask = makeAsker(makeKeda());
    expect(ask({ signals: work(1), replicas: [], terms: { minReplicas: 3 } })).toBe(3);
  });

  test('stops all only when the cooldown has passed since the trigger was last seen active', () => {
    const ask = makeAsker(makeKeda());
    const at = (atSeconds: number, queued: number) => ask({ atSeconds, signals: work(queued), terms: toZero });
    expect(at(0, 3)).toBe(1);
    expect(at(30, 0)).toBe(1);
    expect(at(300, 0)).toBe(1);
    expect(at(330, 0)).toBe(0);
  });

  test('a trigger that was never active has no cooldown', () => {
    expect(makeAsker(makeKeda())({ signals: work(0), replicas: makeReplicas(3), terms: toZero })).toBe(0);
  });

  test('activity is looked for above the activation threshold', () => {
    const ask = makeAsker(makeKeda({ activation: 5 }));
    const none = { replicas: [], terms: toZero };
    expect(ask({ ...none, signals: work(5) })).toBe(0);
    expect(ask({ ...none, atSeconds: 30, signals: work(6) })).toBe(1);
  });

  test('an unknown trigger stops nothing and starts nothing', () => {
    const ask = makeAsker(makeKeda());
    expect(ask({ signals: work(null), replicas: makeReplicas(2), terms: toZero })).toBe(2);
    expect(ask({ atSeconds: 4_000, signals: work(null), replicas: makeReplicas(2), terms: toZero })).toBe(2);
  });

  test('without a minimum of zero an idle service keeps its minimum', () => {
    const ask = makeAsker(makeKeda({ downStabilizationMs: 0 }));
    ask({ signals: work(0), replicas: makeReplicas(3), terms: { minReplicas: 2 } });
    expect(ask({ atSeconds: 4_000, signals: work(0), replicas: makeReplicas(3), terms: { minReplicas: 2 } })).toBe(2);
  });

  test('a minimum of zero without proof keeps the last replica', () => {
    const ask = makeAsker(makeKeda({ downStabilizationMs: 0 }));
    ask({ signals: work(0), terms: { minReplicas: 0, toZero: false } });
    expect(ask({ atSeconds: 4_000, signals: work(0), terms: { minReplicas: 0, toZero: false } })).toBe(1);
  });
});
