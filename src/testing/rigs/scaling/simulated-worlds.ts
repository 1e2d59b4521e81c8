import type { ServiceCurve } from '../../../core/capacity/service-curve.ts';
import type { Policy } from '../../../core/scaling/policy.ts';
import type { Arrival, SimulatedWorld } from '../../../core/scaling/simulation/world.ts';

export const oneAtATime: ServiceCurve = { kind: 'slots', slots: 1, speeds: [1], meanWorkMs: 100 };

/** A world of one minute in which nothing goes wrong: starts take 10 s, metrics have no lag, nothing is dropped. */
export function makeWorld(
  arrivals: readonly Arrival[],
  { curve = oneAtATime, ...changes }: Partial<SimulatedWorld> & { readonly curve?: ServiceCurve } = {},
): SimulatedWorld {
  return {
    arrivals: () => arrivals.values(),
    endMs: 60_000,
    scoreFromMs: 0,
    capacity: { curve, ratePerSecond: 5, concurrency: 1, serviceMs: 100 },
    starts: { timesMs: [10_000], shares: [1], failureShare: 0, starts: 0 },
    terms: {
      minReplicas: 0,
      maxReplicas: 100,
      toZero: true,
      warmPool: 0,
      latencyMs: 1_000,
      attainmentShare: 0.99,
      acceleratorSecondPrice: 1,
      lateRequestPrice: 1,
    },
    initialReplicas: 1,
    dropAfterMs: null,
    queueLimit: 1_000_000,
    metricPeriodMs: 1_000,
    metricLagMs: 0,
    restartBackoffMs: 5_000,
    drainAtMostMs: 30_000,
    stockOuts: [],
    ...changes,
  };
}

/** Wants what is written for the last moment that is not in the future: `[[0, 1], [5_000, 3]]`; a third number may sleep. */
export function makeScripted(
  script: readonly (readonly [fromMs: number, desired: number, asleep?: number])[],
  periodMs = 1_000,
): Policy<null> {
  return {
    name: 'scripted',
    periodMs,
    begin: () => null,
    decide: ({ nowMs }) => {
      const [, desired = 0, asleep = 0] = script.findLast(([fromMs]) => fromMs <= nowMs) ?? [];
      return { decision: { desired, asleep, reason: `as written for ${nowMs} ms`, terms: { desired } }, state: null };
    },
  };
}
