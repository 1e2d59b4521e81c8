import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScalingTerms } from '../policy.ts';
import { unknownSignals } from '../signals.ts';
import { makeOrder } from './scale-order.ts';

const terms = (over: Partial<ScalingTerms> = {}): ScalingTerms => ({
  minReplicas: 1,
  maxReplicas: 5,
  toZero: false,
  warmPool: 0,
  latencyMs: 100,
  attainmentShare: 0.99,
  acceleratorSecondPrice: 1,
  lateRequestPrice: 1,
  ...over,
});
const known = { ...unknownSignals(0), queueDepth: 0, inFlight: 0, arrivalsPerSecond: 0 };
const wants = (desired: number) => ({ desired, reason: `it wants ${desired}`, terms: {} });

const sleep = { replicas: 2, wakeMs: 1_000, priceShare: 0.1 };

describe('makeOrder', () => {
  test.each([
    ['as many as are decided', 1, { sleep }, { asleep: 1 }],
    ['at most those that may', 7, { sleep }, { asleep: 2 }],
    ['none where nothing may sleep', 2, {}, {}],
    ['none where none is decided', 0, { sleep }, {}],
  ])('lets sleep %s', (_what, asleep, over, ordered) => {
    const order = makeOrder({ ...wants(3), asleep }, { signals: known, terms: terms(over) }, 1);
    expect(order).toEqual({ desired: 3, reason: 'it wants 3', ...ordered });
  });

  test.each([
    ['what is decided', 3, 1, {}, {}, 3, 'it wants 3'],
    ['at most the maximum', 9, 1, {}, {}, 5, 'it wants 9; 9 is outside of 1 to 5'],
    ['at least the minimum', 1, 4, {}, { minReplicas: 2 }, 2, 'it wants 1; 1 is outside of 2 to 5'],
    [
      'the last replica without proof',
      0,
      1,
      {},
      { minReplicas: 0 },
      1,
      'it wants 0; the last replica stays: no fresh evidence shows that the objective survives a cold start',
    ],
    ['none with proof', 0, 1, {}, { minReplicas: 0, toZero: true }, 0, 'it wants 0'],
    [
      'the last replica where the limits ask for it, proof or not',
      0,
      1,
      {},
      { toZero: true },
      1,
      'it wants 0; the last replica stays: at least 1 are asked for',
    ],
    [
      'one for a request that waits',
      0,
      0,
      { queueDepth: 1 },
      { minReplicas: 0, toZero: true },
      1,
      'a request waits, which wakes the first replica',
    ],
    [
      'as many as before while the queue is unknown',
      1,
      4,
      { queueDepth: null },
      {},
      4,
      'keeps 4: the queue is unknown, and none is taken away on that',
    ],
    ['more, also while the rate is unknown', 4, 2, { arrivalsPerSecond: null }, {}, 4, 'it wants 4'],
    [
      'as many as before within new limits',
      1,
      9,
      { inFlight: null, arrivalsPerSecond: null },
      {},
      5,
      'keeps 5: what is in flight, the rate of arrivals are unknown, and none is taken away on that',
    ],
  ] as const)('orders %s', (_what, decided, before, signals, limits, desired, reason) => {
    const order = makeOrder(wants(decided), { signals: { ...known, ...signals }, terms: terms(limits) }, before);
    expect(order).toEqual({ desired, reason });
  });

  test.each([-1, 1.5, NaN, Infinity])('%s is no number of replicas', (desired) => {
    expect(() => makeOrder(wants(desired), { signals: known, terms: terms() }, 1)).toThrow('no number of them');
  });

  test('stays within the limits, takes none away on what is unknown, and never the last one without proof', () => {
    const amount = fc.option(fc.nat({ max: 9 }));
    const anyTerms = fc
      .record({ minReplicas: fc.nat({ max: 4 }), room: fc.nat({ max: 4 }), toZero: fc.boolean() })
      .map(({ minReplicas, room, toZero }) =>
        terms({ minReplicas, maxReplicas: Math.max(1, minReplicas + room), toZero }),
      );
    const anySignals = fc
      .record({ queueDepth: amount, inFlight: amount, arrivalsPerSecond: amount })
      .map((signals) => ({ ...known, ...signals }));
    fc.assert(
      fc.property(fc.nat({ max: 12 }), fc.nat({ max: 9 }), anyTerms, anySignals, (decided, before, limits, signals) => {
        const { desired } = makeOrder(wants(decided), { signals, terms: limits }, before);
        expect(desired).toBeLessThanOrEqual(limits.maxReplicas);
        expect(desired).toBeGreaterThanOrEqual(limits.minReplicas);
        if (desired === 0) expect([limits.toZero, (signals.queueDepth ?? 0) > 0]).toEqual([true, false]);
        const unknown = [signals.queueDepth, signals.inFlight, signals.arrivalsPerSecond].includes(null);
        if (unknown) expect(desired).toBeGreaterThanOrEqual(Math.min(before, limits.maxReplicas));
      }),
    );
  });
});
