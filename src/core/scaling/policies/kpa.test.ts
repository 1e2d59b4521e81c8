import { describe, expect, test } from 'vitest';
import { makeAsker, makePolicyInput, makeReplicas } from '../../../testing/builders/scaling/scaling-builders.ts';
import { emptyKpaBuckets, windowAverage, withBucket, type KpaBuckets } from './kpa-window.ts';
import { makeKpa, type KpaOptions } from './kpa.ts';

/** As `newTestAutoscaler` of knative autoscaler_test.go: ten times up and down, the target itself. */
const upstream = (target: number, more: Partial<KpaOptions> = {}): Partial<KpaOptions> => ({
  targetConcurrency: target,
  targetUtilization: 1,
  maxScaleUpRate: 10,
  maxScaleDownRate: 10,
  scaleToZeroGraceMs: 0,
  ...more,
});
const toZero = { minReplicas: 0, toZero: true };

/** A decision for means that are given, as upstream's fake of the metrics gives them: stable seconds first, then panic ones. */
function decide(
  options: Partial<KpaOptions>,
  {
    stable,
    panic,
    ready,
    panicking = null,
  }: { stable: number; panic: number; ready: number; panicking?: number | null },
) {
  const older = (60 * stable - 6 * panic) / 54;
  const buckets: KpaBuckets = {
    firstSecond: 941,
    values: [...Array<number>(54).fill(older), ...Array<number>(6).fill(panic)],
  };
  const policy = makeKpa(options);
  const state = {
    ...policy.begin(0),
    buckets,
    begun: true,
    desired: ready,
    panicMs: panicking === null ? null : 995_000,
    maxPanicReplicas: panicking ?? 0,
  };
  const signals = { queueDepth: 0, inFlight: panic };
  return policy.decide(
    makePolicyInput({ atSeconds: 1_000, signals, replicas: makeReplicas(ready), terms: toZero }),
    state,
  );
}

describe('makeKpa by the worked numbers of knative autoscaler_test.go', () => {
  test.each([
    { name: 'StableModeNoChange', target: 10, stable: 50, panic: 50, ready: 1, want: 5 },
    { name: 'StableModeNoChangeAlreadyScaled', target: 10, stable: 50, panic: 50, ready: 5, want: 5 },
    { name: 'StableModeIncrease', target: 10, stable: 50, panic: 10, ready: 1, want: 5 },
    { name: 'StableModeDecrease', target: 10, stable: 50, panic: 50, ready: 8, want: 5 },
    { name: 'PanicModeDoublePodCount', target: 10, stable: 50, panic: 100, ready: 1, want: 10 },
    { name: 'PanicStableLargerThanPanic', target: 1, stable: 50, panic: 30, ready: 5, want: 50, panicking: 5 },
    { name: 'PanicStableLessThanPanic', target: 1, stable: 20, panic: 30, ready: 5, want: 30, panicking: 5 },
    { name: 'RateLimitScaleUp', target: 10, stable: 1_000, panic: 1_001, ready: 1, want: 10 },
    { name: 'RateLimitScaleUp again', target: 10, stable: 1_000, panic: 1_001, ready: 10, want: 100 },
    { name: 'RateLimitScaleDown', target: 10, stable: 1, panic: 1, ready: 100, want: 10 },
    { name: 'UseOnePodAsMinimumIfEndpointsNotFound', target: 10, stable: 1_000, panic: 888, ready: 0, want: 10 },
    { name: 'NoTrafficScaleToZero', target: 10, stable: 0, panic: 0, ready: 1, want: 0 },
    { name: 'ExponentialTrack', target: 1, stable: 216, panic: 216, ready: 36, want: 216 },
  ])('$name: $want', ({ target, want, ...given }) => {
    expect(decide(upstream(target), given).decision.desired).toBe(want);
  });

  test.each([
    {
      name: 'IncreaseWithSmallScaleUpRate',
      more: { maxScaleUpRate: 1.1 },
      target: 1,
      stable: 3,
      panic: 3,
      ready: 2,
      want: 3,
    },
    {
      name: 'DecreaseWithSmallScaleDownRate',
      more: { maxScaleDownRate: 1.1 },
      target: 10,
      stable: 1,
      panic: 1,
      ready: 100,
      want: 90,
    },
    { name: 'ActivationScale', more: { activationScale: 2 }, target: 10, stable: 1, panic: 0, ready: 1, want: 2 },
  ])('$name: $want', ({ more, target, want, ...given }) => {
    expect(decide(upstream(target, more), given).decision.desired).toBe(want);
  });
});

describe('panic', () => {
  test('begins at the double, never scales down, and ends one stable window after the last time over', () => {
    const policy = makeKpa({ targetConcurrency: 10, targetUtilization: 1 });
    let state = policy.begin(0);
    const at = (atSeconds: number, inFlight: number, ready: number) => {
      const made = policy.decide(
        makePolicyInput({ atSeconds, signals: { queueDepth: 0, inFlight }, replicas: makeReplicas(ready) }),
        state,
      );
      state = made.state;
      return made.decision.desired;
    };
    expect(at(0, 5, 1)).toBe(1);
    expect(at(2, 400, 1)).toBe(27);
    expect(state.panicMs).toBe(2_000);
    for (let second = 4; second <= 60; second += 2) at(second, 5, 27);
    expect(at(62, 5, 27)).toBe(27);
    expect(state.panicMs).toBe(2_000);
    expect(at(64, 5, 27)).toBe(13);
    expect(state).toMatchObject({ panicMs: null, maxPanicReplicas: 0 });
  });

  test('is where it begins with more than one replica, so that a lost history takes none away', () => {
    const ask = makeAsker(makeKpa());
    const quiet = { signals: { queueDepth: 0, inFlight: 1 }, replicas: makeReplicas(6) };
    expect(ask({ atSeconds: 100, ...quiet })).toBe(6);
    expect(ask({ atSeconds: 160, ...quiet })).toBe(6);
    expect(ask({ atSeconds: 162, ...quiet })).toBe(3);
  });
});

describe('what is unknown', () => {
  test('is left out of the means, and after a window without a value nothing is decided', () => {
    const ask = makeAsker(makeKpa({ targetConcurrency: 10, targetUtilization: 1 }));
    const known = { signals: { queueDepth: 30, inFlight: 10 } };
    const unknown = { signals: { queueDepth: null, inFlight: 10 } };
    expect(ask({ atSeconds: 0, ...known })).toBe(4);
    expect(ask({ atSeconds: 58, ...unknown })).toBe(4);
    expect(ask({ atSeconds: 500, ...unknown })).toBe(4);
  });
});

test('zero is wanted for a grace before the last replica stops, and only where the terms allow it', () => {
  const ask = makeAsker(makeKpa());
  const idle = { signals: { queueDepth: 0, inFlight: 0 }, terms: toZero };
  expect(ask({ atSeconds: 0, ...idle })).toBe(1);
  expect(ask({ atSeconds: 28, ...idle })).toBe(1);
  expect(ask({ atSeconds: 30, ...idle })).toBe(0);
  expect(ask({ atSeconds: 32, ...idle, signals: { queueDepth: 1, inFlight: 0 }, replicas: [] })).toBe(1);
  const kept = makeAsker(makeKpa());
  kept({ atSeconds: 0, signals: idle.signals });
  expect(kept({ atSeconds: 900, signals: idle.signals })).toBe(1);
});

test('a scale-down delay keeps the largest count of its ticks (TestAutoscalerScaleDownDelay)', () => {
  const options = upstream(10, { scaleDownDelayMs: 300_000, panicThreshold: 100, stableWindowMs: 1_000 });
  const ask = makeAsker(makeKpa(options));
  const at = (atSeconds: number, inFlight: number) =>
    ask({ atSeconds, signals: { queueDepth: 0, inFlight }, terms: toZero });
  expect(at(2, 40)).toBe(4);
  expect(at(300, 0)).toBe(4);
  expect(at(302, 0)).toBe(0);
});

test('the defaults target 70 requests a replica', () => {
  const ask = makeAsker(makeKpa());
  expect(ask({ signals: { queueDepth: 70, inFlight: 70 } })).toBe(2);
  expect(ask({ atSeconds: 2, signals: { queueDepth: 141, inFlight: 70 } })).toBe(3);
});

describe('windowAverage', () => {
  const filled = [10, 10, 5, 5].reduce<KpaBuckets>(
    (all, value, second) => withBucket(all, 100 + second, value, 60),
    emptyKpaBuckets,
  );

  test.each([
    { what: 'of as many seconds as there are', second: 103, window: 60, want: 7.5 },
    { what: 'of the newest ones', second: 103, window: 2, want: 5 },
    { what: 'over what is left of the window when it fell silent', second: 105, window: 5, want: 6.666666 },
    { what: '0 with nothing left', second: 105, window: 2, want: 0 },
  ])('$what', ({ second, window, want }) => {
    expect(windowAverage(filled, second, window)).toBe(want);
  });

  test('a gap takes the value that ends it; a whole window without one begins anew', () => {
    expect(withBucket(filled, 106, 1, 60).values).toEqual([10, 10, 5, 5, 1, 1, 1]);
    expect(withBucket(filled, 106, 1, 5).values).toEqual([5, 5, 1, 1, 1]);
    expect(withBucket(filled, 163, 1, 60)).toEqual({ firstSecond: 163, values: [1] });
  });
});
