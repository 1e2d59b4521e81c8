import { describe, expect, test } from 'vitest';
import { makeAsker, makeReplicas } from '../../../testing/builders/scaling/scaling-builders.ts';
import { makeAibrixApa, type ApaOptions } from './aibrix-apa.ts';

/** One decision by a use of each ready replica, at a target of 30 as apa_test.go has it. */
function once(use: number, ready: number, more: Partial<ApaOptions> = {}, starting = 0): number {
  const ask = makeAsker(makeAibrixApa({ targetPerReplica: 30, ...more }));
  return ask({ signals: { queueDepth: 0, inFlight: use * ready }, replicas: makeReplicas(ready, starting) });
}

describe('makeAibrixApa by the worked numbers of apa_test.go', () => {
  test.each([
    { name: 'basic_scale_up', use: 45, ready: 2, want: 3, more: {} },
    { name: 'scale_up_upto_ceiling', use: 35, ready: 2, want: 3, more: {} },
    { name: 'scale_up_upto_max_scale_up', use: 90, ready: 2, want: 4, more: {} },
    { name: 'scale_up_upto_max_scale_up_ceiling', use: 90, ready: 2, want: 5, more: { maxScaleUpRate: 2.5 } },
    { name: 'basic_scale_down', use: 20, ready: 6, want: 4, more: {} },
    { name: 'scale_down_upto_ceiling', use: 18, ready: 6, want: 4, more: {} },
    { name: 'scale_down_upto_max_scale_down', use: 10, ready: 6, want: 3, more: {} },
    { name: 'scale_down_upto_max_scale_down_floor', use: 5, ready: 6, want: 2, more: { maxScaleDownRate: 2.5 } },
    { name: 'no_scaling_as_within_up_tolerance', use: 33, ready: 2, want: 2, more: {} },
    { name: 'no_scaling_as_within_down_tolerance', use: 27, ready: 2, want: 2, more: {} },
  ])('$name: $want', ({ use, ready, want, more }) => {
    expect(once(use, ready, more)).toBe(want);
  });
});

describe('replicas that are not ready (applyPendingReplicaGuard)', () => {
  test.each([
    { what: 'are taken for unused on the way up', use: 90, ready: 2, starting: 2, want: 6 },
    { what: 'and never make it fewer', use: 45, ready: 1, starting: 3, want: 4 },
    { what: 'are taken for full on the way down', use: 3, ready: 4, starting: 2, want: 3 },
    { what: 'and hold back what is nearly full', use: 21, ready: 2, starting: 4, want: 6 },
  ])('$what: $want', ({ use, ready, starting, want }) => {
    expect(once(use, ready, {}, starting)).toBe(want);
  });
});

test('the use is its mean over the observed window', () => {
  const ask = makeAsker(makeAibrixApa({ targetPerReplica: 30, downCooldownMs: 0 }));
  const at = (atSeconds: number, inFlight: number) => ask({ atSeconds, signals: { queueDepth: 0, inFlight } });
  expect(at(0, 30)).toBe(1);
  expect(at(10, 35)).toBe(1);
  expect(at(20, 90)).toBe(2);
});

test('its cooldown on the way down takes the lowest recommendation, unless told to take the highest', () => {
  const down = (downCooldownMs: number, downTakes?: ApaOptions['downTakes']) => {
    const taken = downTakes === undefined ? {} : { downTakes };
    const ask = makeAsker(makeAibrixApa({ targetPerReplica: 30, observeWindowMs: 1_000, downCooldownMs, ...taken }));
    const at = (atSeconds: number, use: number, ready: number) =>
      ask({ atSeconds, signals: { queueDepth: 0, inFlight: use * ready }, replicas: makeReplicas(ready) });
    return [at(0, 15, 8), at(10, 60, 4), at(20, 25, 8)];
  };
  expect(down(0)).toEqual([4, 8, 7]);
  expect(down(300_000)).toEqual([4, 8, 4]);
  expect(down(300_000, 'highest')).toEqual([4, 8, 8]);
});

test('keeps the count without a ready replica or with an unknown use, and never goes to zero', () => {
  const ask = makeAsker(makeAibrixApa({ observeWindowMs: 1_000 }));
  const terms = { minReplicas: 0, toZero: true };
  expect(ask({ signals: { queueDepth: 400, inFlight: 0 }, replicas: makeReplicas(0, 3), terms })).toBe(3);
  expect(ask({ atSeconds: 10, signals: {}, replicas: makeReplicas(3), terms })).toBe(3);
  for (const atSeconds of [20, 30, 40]) {
    ask({ atSeconds, signals: { queueDepth: 0, inFlight: 0 }, replicas: makeReplicas(3), terms });
  }
  expect(ask({ atSeconds: 50, signals: { queueDepth: 0, inFlight: 0 }, replicas: makeReplicas(1), terms })).toBe(1);
});
