import type { Arrival, SimulatedWorld } from '../../core/scaling/simulation/world.ts';

/** A world of one slot at full speed with starts of exactly 30 s, no failures, and every request in time within 1 s. */
export function aBoundsWorld(
  arrivals: readonly Arrival[],
  endMs: number,
  changes: Omit<Partial<SimulatedWorld>, 'terms'> & { readonly terms?: Partial<SimulatedWorld['terms']> } = {},
): SimulatedWorld {
  return {
    arrivals: () => arrivals[Symbol.iterator](),
    endMs,
    scoreFromMs: 0,
    capacity: {
      curve: { kind: 'slots', slots: 1, speeds: [1], meanWorkMs: 250 },
      ratePerSecond: 3,
      concurrency: 1,
      serviceMs: 250,
    },
    starts: { timesMs: [30_000], shares: [1], failureShare: 0, starts: 0 },
    initialReplicas: 1,
    dropAfterMs: null,
    queueLimit: 1_000_000,
    metricPeriodMs: 1000,
    metricLagMs: 0,
    restartBackoffMs: 10_000,
    drainAtMostMs: 600_000,
    stockOuts: [],
    ...changes,
    terms: {
      minReplicas: 0,
      maxReplicas: 64,
      toZero: true,
      warmPool: 0,
      latencyMs: 1000,
      attainmentShare: 1,
      acceleratorSecondPrice: 1,
      lateRequestPrice: 1,
      ...changes.terms,
    },
  };
}

/** One each `everyMs` in [fromMs, toMs). */
export function steadyArrivals(everyMs: number, workMs: number, fromMs: number, toMs: number): readonly Arrival[] {
  return Array.from({ length: Math.ceil((toMs - fromMs) / everyMs) }, (_, index) => ({
    atMs: fromMs + index * everyMs,
    workMs,
  }));
}
