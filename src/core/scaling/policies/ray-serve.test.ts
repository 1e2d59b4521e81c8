import { describe, expect, test } from 'vitest';
import { makeAsker, makePolicyInput, makeReplicas } from '../../../testing/builders/scaling/scaling-builders.ts';
import { makeRayServe, type RayServeOptions } from './ray-serve.ts';

/** One decision without delays, at a target of one request, as test_autoscaling_policy.py has it. */
function once(requests: number, running: number, more: Partial<RayServeOptions> = {}): number {
  const ask = makeAsker(makeRayServe({ targetOngoingRequests: 1, upscaleDelayMs: 0, downscaleDelayMs: 0, ...more }));
  const terms = { minReplicas: 0, toZero: true };
  return ask({ signals: { queueDepth: 0, inFlight: requests }, replicas: makeReplicas(running), terms });
}

describe('makeRayServe by the worked numbers of test_autoscaling_policy.py', () => {
  test.each([
    { what: 'scale up by the error', requests: 40, running: 10, more: {}, want: 40 },
    { what: 'scale down by the error', requests: 5, running: 10, more: {}, want: 5 },
    { what: 'a factor on the way up', requests: 40, running: 10, more: { upscalingFactor: 0.5 }, want: 25 },
    { what: 'a factor on the way down', requests: 2.5, running: 10, more: { downscalingFactor: 0.5 }, want: 7 },
    { what: 'a small factor is not stuck: 2', requests: 0.6, running: 2, more: { downscalingFactor: 0.5 }, want: 1 },
    { what: 'a small factor is not stuck: 5', requests: 2, running: 5, more: { downscalingFactor: 0.2 }, want: 4 },
    { what: 'a small factor is not stuck: 10', requests: 4, running: 10, more: { downscalingFactor: 0.1 }, want: 9 },
    { what: 'from 0, by the factor', requests: 1, running: 0, more: { upscalingFactor: 10 }, want: 10 },
    { what: 'from 0, by a factor below 1', requests: 1, running: 0, more: { upscalingFactor: 0.5 }, want: 1 },
  ])('$what: $want', ({ requests, running, more, want }) => {
    expect(once(requests, running, more)).toBe(want);
  });
});

/** Asks every second from one second to another and returns the first that decided something else. */
function firstChange(ask: ReturnType<typeof makeAsker>, from: number, to: number, requests: number, ready: number) {
  const given = { signals: { queueDepth: requests, inFlight: 0 }, replicas: makeReplicas(ready) };
  const before = ask({ ...given, atSeconds: from });
  for (let atSeconds = from + 1; atSeconds <= to; atSeconds += 1) {
    const desired = ask({ ...given, atSeconds });
    if (desired !== before) return { atSeconds, desired };
  }
  return null;
}

describe('delays', () => {
  test('up after 30 s of wanting, down after 600 s', () => {
    const ask = makeAsker(makeRayServe());
    expect(firstChange(ask, 0, 100, 8, 1)).toEqual({ atSeconds: 30, desired: 4 });
    const quiet = makeAsker(makeRayServe());
    expect(firstChange(quiet, 0, 1_000, 2, 4)).toEqual({ atSeconds: 600, desired: 1 });
  });

  test('one report that asks for what there is begins the wait anew', () => {
    const ask = makeAsker(makeRayServe({ lookBackMs: 1_000 }));
    const at = (atSeconds: number, requests: number) =>
      ask({ atSeconds, signals: { queueDepth: requests, inFlight: 0 } });
    expect([at(0, 8), at(20, 2), at(30, 8), at(50, 8)]).toEqual([1, 1, 1, 1]);
    expect(at(60, 8)).toBe(4);
  });

  test('wanting the other way begins the wait anew', () => {
    const ask = makeAsker(makeRayServe({ lookBackMs: 1_000, downscaleDelayMs: 20_000 }));
    const at = (atSeconds: number, requests: number) =>
      ask({ atSeconds, signals: { queueDepth: requests, inFlight: 0 }, replicas: makeReplicas(3) });
    expect([at(0, 80), at(20, 1), at(30, 1)]).toEqual([3, 3, 3]);
    expect(at(40, 1)).toBe(1);
  });

  test('what is wanted when the delay is over counts, not what was wanted when it began', () => {
    const ask = makeAsker(makeRayServe({ lookBackMs: 1_000 }));
    const at = (atSeconds: number, requests: number) =>
      ask({ atSeconds, signals: { queueDepth: requests, inFlight: 0 } });
    at(0, 80);
    expect(at(30, 6)).toBe(3);
  });

  test('zero only from 1, after a delay of its own', () => {
    const options = { downscaleDelayMs: 20_000, downscaleToZeroDelayMs: 40_000, lookBackMs: 1_000 };
    const ask = makeAsker(makeRayServe(options));
    const at = (atSeconds: number, ready: number) =>
      ask({
        atSeconds,
        signals: { queueDepth: 0, inFlight: 0 },
        replicas: makeReplicas(ready),
        terms: { minReplicas: 0, toZero: true },
      });
    expect([at(0, 3), at(10, 3), at(20, 3)]).toEqual([3, 3, 1]);
    expect([at(30, 1), at(60, 1), at(70, 1)]).toEqual([1, 1, 0]);
  });
});

test('requests are averaged over the look-back, and reported every ten seconds', () => {
  const policy = makeRayServe();
  let state = policy.begin(0);
  const requestsAt = (atSeconds: number, queueDepth: number | null) => {
    const made = policy.decide(makePolicyInput({ atSeconds, signals: { queueDepth, inFlight: 0 } }), state);
    state = made.state;
    return made.decision.terms.requests;
  };
  expect(requestsAt(0, 2)).toBe(2);
  expect(requestsAt(5, 8)).toBe(2);
  expect(requestsAt(10, 8)).toBe(6);
  expect(requestsAt(20, null)).toBe(null);
});

test('unknown requests keep the target', () => {
  const ask = makeAsker(makeRayServe());
  expect(firstChange(ask, 0, 60, 8, 1)?.desired).toBe(4);
  for (const atSeconds of [70, 400, 2_000]) expect(ask({ atSeconds, signals: {}, replicas: makeReplicas(4) })).toBe(4);
});
