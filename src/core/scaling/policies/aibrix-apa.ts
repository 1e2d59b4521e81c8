import type { Policy, PolicyInput } from '../policy.ts';
import type { Knobs } from './knobs.ts';
import { countReplicas, fewestReplicas, withinTerms, type ReplicaCounts } from './replica-counts.ts';
import { restInCycles } from './rest-in-cycles.ts';
import { meanOf, samplesIn, shiftSamples, withSample, type Sample } from './samples.ts';
import { targetOf, workOf, type TargetOptions } from './work.ts';

export interface ApaOptions extends TargetOptions {
  /** `DefaultResyncInterval`. */
  readonly resyncMs: number;
  /** `observeWindowSeconds`: the use per replica is its mean over this time. */
  readonly observeWindowMs: number;
  readonly upTolerance: number;
  readonly downTolerance: number;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
  readonly upCooldownMs: number;
  readonly downCooldownMs: number;
  /** Which recommendation of `downCooldownMs` counts: the source takes the lowest, what it means to do takes the highest. */
  readonly downTakes: 'lowest' | 'highest';
}

/**
 * vllm-project/aibrix pkg/controller/podautoscaler/context/context.go `NewBaseScalingContext` at 2576b186, metrics/client.go and
 * podautoscaler_controller.go of 2026. A target has no default: it is what one replica handles well.
 */
export const apaDefaults: ApaOptions = {
  resyncMs: 10_000,
  observeWindowMs: 180_000,
  targetPerReplica: null,
  targetCapacityShare: 1,
  upTolerance: 0.1,
  downTolerance: 0.1,
  maxScaleUpRate: 2,
  maxScaleDownRate: 2,
  upCooldownMs: 0,
  downCooldownMs: 300_000,
  downTakes: 'lowest',
};

export const apaKnobs: Knobs<ApaOptions> = {
  targetCapacityShare: [0.4, 0.6, 0.8, 1],
  observeWindowMs: [30_000, 60_000, 180_000],
  downTolerance: [0.1, 0.4],
  downTakes: ['lowest', 'highest'],
};

export interface ApaState {
  /** What was last decided; null before. */
  readonly desired: number | null;
  /** Use per ready replica. */
  readonly uses: readonly Sample[];
  readonly recommendations: readonly Sample[];
}

/**
 * AIBrix's application-specific pod autoscaler, by the requests that wait or are under way for each ready replica (its engines
 * hold their queues; where a gateway holds them they are counted alike).
 *
 * | use / target | want |
 * |---|---|
 * | > 1 + upTolerance | ceil(count use / target), at most ceil(count maxScaleUpRate) |
 * | < 1 - downTolerance | ceil(count use / target), at least floor(count / maxScaleDownRate) |
 * | between | the count |
 * | replicas not ready, want above the count | their use is taken for 0: ceil(count use' / target), not below the count |
 * | replicas not ready, want below | their use is taken for the target, not above the count |
 * | unknown, or no replica ready | the count stays (`FailedComputeScale`) |
 *
 * The "cooldown" is no pause: on the way up the *highest* recommendation of `upCooldownMs` counts, on the way down the *lowest* of
 * `downCooldownMs` (`stabilizeRecommendation`), so that 300 s make it fall sooner, not later: below the first recommendations of a
 * surge. Its comment speaks of the HPA's window, which takes the highest; `downTakes` does that. It does not go to zero: without
 * a replica it has no metric, and would not come back.
 *
 * Source: vllm-project/aibrix pkg/controller/podautoscaler/algorithm/apa.go at 4148b7a1, autoscaler.go
 * `applyPendingReplicaGuard` at 015a2e5f, podautoscaler_controller.go `stabilizeRecommendation` of 2026.
 */
export function makeAibrixApa(options: Partial<ApaOptions> = {}): Policy<ApaState> {
  const chosen = { ...apaDefaults, ...options };
  const policy: Policy<ApaState> = {
    name: 'aibrix-apa',
    periodMs: chosen.resyncMs,
    begin: () => ({ desired: null, uses: [], recommendations: [] }),
    decide(input, state) {
      const { count, why, numbers, ...next } = resync(chosen, input, state);
      const fewest = Math.min(input.terms.maxReplicas, Math.max(1, fewestReplicas(input.terms)));
      const desired = Math.max(fewest, withinTerms(count, input.terms));
      return { decision: { desired, reason: `APA: ${why}`, terms: numbers }, state: { ...next, desired } };
    },
  };
  const shift = (state: ApaState, byMs: number): ApaState => ({
    ...state,
    uses: shiftSamples(state.uses, byMs),
    recommendations: shiftSamples(state.recommendations, byMs),
  });
  return { ...policy, rest: restInCycles(policy, 1, shift) };
}

interface Resynced extends Omit<ApaState, 'desired'> {
  readonly count: number;
  readonly why: string;
  readonly numbers: Readonly<Record<string, number | null>>;
}

function resync(options: ApaOptions, input: PolicyInput, { desired, uses, recommendations }: ApaState): Resynced {
  const { nowMs, terms } = input;
  const counts = countReplicas(input.replicas);
  const count = withinTerms(desired ?? counts.existing, terms);
  const target = targetOf(options, input.capacity);
  const work = workOf(input.signals, 'queue-and-in-flight');
  const numbers = { work, target, ...counts };
  if (work === null || counts.ready === 0) {
    const why = work === null ? 'the use is unknown' : 'no replica is ready';
    return { count, why: `${why}; ${count} stay`, numbers, uses, recommendations };
  }
  const sample = { atMs: nowMs, value: work / counts.ready };
  const used = withSample(uses, sample, options.observeWindowMs, samplesIn(options.observeWindowMs, options.resyncMs));
  const use = meanOf(used);
  const wanted = withinTerms(wantedCount(options, count, use / target), terms);
  const guarded = guardPending(wanted, count, counts, use / target);
  const { got, kept } = stabilized(options, recommendations, guarded, count, nowMs);
  return {
    count: got,
    why: `${rounded(use)} in use of ${rounded(target)} each over ${options.observeWindowMs / 1000} s at ${count}, ${counts.ready} ready: wants ${wanted}, ${guarded} with those not ready, ${got}`,
    numbers: { ...numbers, use, wanted, guarded },
    uses: used,
    recommendations: kept,
  };
}

/** `computeTargetReplicas`. */
function wantedCount(options: ApaOptions, count: number, ratio: number): number {
  if (ratio > 1 + options.upTolerance) {
    return Math.min(Math.ceil(count * ratio), Math.ceil(options.maxScaleUpRate * count));
  }
  if (ratio < 1 - options.downTolerance) {
    return Math.max(Math.ceil(count * ratio), Math.floor(count / options.maxScaleDownRate));
  }
  return count;
}

/** `applyPendingReplicaGuard`, of a count that differs from the present one while replicas are not ready. */
function guardPending(wanted: number, count: number, { ready }: ReplicaCounts, ratio: number): number {
  const readyOfCount = Math.min(ready, count);
  const pending = count - readyOfCount;
  if (pending <= 0 || wanted === count || count <= 0) return wanted;
  if (wanted > count) return Math.min(wanted, Math.max(count, Math.ceil(ratio * readyOfCount)));
  return Math.max(wanted, Math.min(count, Math.ceil(ratio * readyOfCount + pending)));
}

function stabilized(
  { upCooldownMs, downCooldownMs, downTakes, resyncMs }: ApaOptions,
  before: readonly Sample[],
  wanted: number,
  count: number,
  nowMs: number,
): { readonly got: number; readonly kept: readonly Sample[] } {
  const longestMs = Math.max(upCooldownMs, downCooldownMs);
  const kept = withSample(before, { atMs: nowMs, value: wanted }, longestMs, samplesIn(longestMs, resyncMs));
  if (wanted === count) return { got: count, kept };
  const up = wanted > count;
  const afterMs = nowMs - (up ? upCooldownMs : downCooldownMs);
  const within = kept.filter(({ atMs }) => atMs > afterMs).map(({ value }) => value);
  if (within.length === 0) return { got: wanted, kept };
  return { got: up || downTakes === 'highest' ? Math.max(...within) : Math.min(...within), kept };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
