import { describe, expect, test } from 'vitest';
import { makeAsker, makePolicyInput, makeReplicas } from '../../../testing/builders/scaling/scaling-builders.ts';
import { hpaBehaviorDefaults, replicasForAverageValue, replicasForValue, type HpaBehavior } from './hpa-rules.ts';
import { makeHpa } from './hpa.ts';

const work = (queueDepth: number, inFlight = 0) => ({ queueDepth, inFlight });

describe('the count that a metric asks for', () => {
  // kubernetes horizontal_test.go: TestScaleUpPerPodCMExternal, TestScaleDownPerPodCMExternal, TestTolerance.
  test.each([
    { total: 8.6, target: 2.222, existing: 3, want: 4 },
    { total: 8.6, target: 3, existing: 5, want: 3 },
    { total: 8.666, target: 2.888, existing: 3, want: 3 },
    { total: 0, target: 2, existing: 0, want: 0 },
    { total: 1, target: 2, existing: 0, want: 1 },
  ])('AverageValue: $total at $target each, $existing exist: $want', ({ total, target, existing, want }) => {
    expect(replicasForAverageValue(total, target, existing, 0.1)).toBe(want);
  });

  // TestScaleUpCMExternal, TestScaleDownCMExternal, and the ready pods that GetExternalMetricReplicas multiplies.
  test.each([
    { metric: 8.6, target: 6.666, spec: 3, ready: 3, want: 4 },
    { metric: 8.6, target: 14.4, spec: 5, ready: 5, want: 3 },
    { metric: 27, target: 2.5, spec: 6, ready: 1, want: 11 },
    { metric: 105, target: 100, spec: 6, ready: 1, want: 6 },
    { metric: 5, target: 2, spec: 0, ready: 0, want: 3 },
  ])('Value: $metric at $target in all, $spec wanted, $ready ready: $want', ({ metric, target, spec, ready, want }) => {
    expect(replicasForValue(metric, target, { spec, ready }, 0.1)).toBe(want);
  });
});

describe('makeHpa without a behavior', () => {
  test.each([
    { what: 'inside the tolerance nothing changes', total: 43, ready: 5, want: 5 },
    { what: 'above it the total over the measured concurrency', total: 45, ready: 5, want: 6 },
    { what: 'the way up ends at the double', total: 4_000, ready: 5, want: 10 },
    { what: 'or at 4', total: 4_000, ready: 1, want: 4 },
  ])('$what', ({ total, ready, want }) => {
    expect(makeAsker(makeHpa())({ signals: work(total), replicas: makeReplicas(ready) })).toBe(want);
  });

  test('replicas that are not ready count, those that drain do not', () => {
    const ask = makeAsker(makeHpa());
    expect(ask({ signals: work(0, 24), replicas: makeReplicas(1, 2, 5) })).toBe(3);
  });

  test('goes down when the highest recommendation of five minutes has gone', () => {
    const ask = makeAsker(makeHpa());
    const at = (atSeconds: number, total: number, ready: number) =>
      ask({ atSeconds, signals: work(total), replicas: makeReplicas(ready) });
    expect(at(0, 48, 5)).toBe(6);
    expect(at(15, 8, 6)).toBe(6);
    expect(at(300, 8, 6)).toBe(6);
    expect(at(315, 8, 6)).toBe(1);
  });

  test('takes what runs at its first sync for a recommendation, so that a new controller removes nothing', () => {
    const ask = makeAsker(makeHpa());
    const quiet = { signals: work(8), replicas: makeReplicas(5) };
    expect(ask({ atSeconds: 1_000, ...quiet })).toBe(5);
    expect(ask({ atSeconds: 1_300, ...quiet })).toBe(5);
    expect(ask({ atSeconds: 1_315, ...quiet })).toBe(1);
  });

  test('an unknown metric changes nothing, however often', () => {
    const ask = makeAsker(makeHpa());
    for (const atSeconds of [0, 15, 30, 2_000]) {
      expect(ask({ atSeconds, signals: { queueDepth: null, inFlight: 4 }, replicas: makeReplicas(7) })).toBe(7);
    }
  });

  test('keeps what it asked for when a replica is missing for a while', () => {
    const ask = makeAsker(makeHpa());
    expect(ask({ signals: work(32), replicas: makeReplicas(2) })).toBe(4);
    expect(ask({ atSeconds: 15, signals: {}, replicas: makeReplicas(2, 1) })).toBe(4);
  });

  test.each([
    { scaleToZero: false, want: 1 },
    { scaleToZero: true, want: 0 },
  ])('zero needs the gate HPAScaleToZero: $scaleToZero', ({ scaleToZero, want }) => {
    const ask = makeAsker(makeHpa({ scaleToZero, downStabilizationMs: 0 }));
    const terms = { minReplicas: 0, toZero: true };
    ask({ signals: work(0), terms });
    expect(ask({ atSeconds: 15, signals: work(0), terms })).toBe(want);
  });

  test('a count outside of the terms moves to them before the metric is looked at', () => {
    const { decision } = makeHpa().decide(
      makePolicyInput({ replicas: makeReplicas(9), terms: { maxReplicas: 5 } }),
      makeHpa().begin(0),
    );
    expect(decision).toMatchObject({ desired: 5, reason: 'HPA: 9 is above the maximum 5' });
  });
});

describe('makeHpa with a behavior', () => {
  const at = (behavior: HpaBehavior) => {
    const ask = makeAsker(makeHpa({ behavior }));
    return (atSeconds: number, total: number, ready: number) =>
      ask({ atSeconds, signals: work(total), replicas: makeReplicas(ready) });
  };

  test('the default adds the larger of 100% and 4 in 15 s', () => {
    const ask = at(hpaBehaviorDefaults);
    expect(ask(0, 8_000, 1)).toBe(5);
    expect(ask(10, 8_000, 5)).toBe(5);
    expect(ask(15, 8_000, 5)).toBe(10);
    expect(ask(30, 8_000, 10)).toBe(20);
  });

  test('a window on the way up takes the lowest recommendation in it', () => {
    const ask = at({ ...hpaBehaviorDefaults, up: { ...hpaBehaviorDefaults.up, stabilizationMs: 60_000 } });
    expect(ask(0, 32, 2)).toBe(2);
    expect(ask(45, 40, 2)).toBe(2);
    expect(ask(61, 48, 2)).toBe(5);
  });

  test('a policy on the way down counts what was removed in its period', () => {
    const down = {
      stabilizationMs: 0,
      policies: [{ kind: 'pods', value: 2, periodMs: 60_000 }],
      select: 'max',
    } as const;
    const ask = at({ ...hpaBehaviorDefaults, down });
    expect(ask(0, 8, 10)).toBe(8);
    expect(ask(30, 8, 8)).toBe(8);
    expect(ask(60, 8, 8)).toBe(6);
  });

  test('disabled moves nothing', () => {
    const ask = at({ ...hpaBehaviorDefaults, up: { ...hpaBehaviorDefaults.up, select: 'disabled' } });
    expect(ask(0, 8_000, 3)).toBe(3);
  });
});

// llm-d-autoscaling pull request 1019 (2026): 100 requests/s, 10 for each replica, 60 s to start; its steps are those of a target
// of 250 waiting requests. It multiplies the *wanted* count by the ratio; the source multiplies the ready ones, so that its 22,745
// need pods that count as ready before they serve (no readiness probe).
describe('a metric that is the whole work overshoots while replicas load', () => {
  const unlimited: HpaBehavior = {
    ...hpaBehaviorDefaults,
    up: { ...hpaBehaviorDefaults.up, policies: [{ kind: 'percent', value: 1e6, periodMs: 15_000 }] },
  };
  const queueAt = (sync: number) => 90 * 15 * sync;
  const run = (
    targetKind: 'value' | 'average-value',
    behavior: HpaBehavior | null,
    readyOf: (wanted: number) => number,
  ) => {
    const ask = makeAsker(makeHpa({ targetKind, behavior, targetPerReplica: 250, metric: 'queue-depth' }));
    let wanted = 1;
    return [1, 2, 3, 4].map((sync) => {
      const ready = readyOf(wanted);
      wanted = ask({
        atSeconds: sync * 15,
        signals: work(queueAt(sync)),
        replicas: makeReplicas(ready, wanted - ready),
      });
      return wanted;
    });
  };

  test('Value, ready before they serve: 6, 65, 1,053, 22,745', () => {
    expect(run('value', unlimited, (wanted) => wanted)).toEqual([6, 65, 1_053, 22_745]);
  });

  test('Value, ready when they serve: 22 of the 10 that are needed', () => {
    expect(run('value', unlimited, () => 1)).toEqual([6, 11, 17, 22]);
  });

  test('AverageValue asks for the same 22, and without a behavior each sync doubles at most', () => {
    expect(run('average-value', unlimited, () => 1)).toEqual([6, 11, 17, 22]);
    expect(run('average-value', null, () => 1)).toEqual([4, 8, 16, 22]);
  });
});
