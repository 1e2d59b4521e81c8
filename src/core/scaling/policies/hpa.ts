import type { Policy, PolicyInput } from '../policy.ts';
import {
  downLimitByRules,
  replicasForAverageValue,
  replicasForValue,
  scaleUpLimit,
  stabilizedByBehavior,
  stabilizedDown,
  upLimitByRules,
  type HpaBehavior,
} from './hpa-rules.ts';
import type { Knobs } from './knobs.ts';
import { countReplicas, fewestReplicas, withinTerms } from './replica-counts.ts';
import { restInCycles } from './rest-in-cycles.ts';
import { samplesIn, shiftSamples, withSample, type Sample } from './samples.ts';
import { targetOf, workOf, type TargetOptions, type WorkMetric } from './work.ts';

/** Options of a HorizontalPodAutoscaler with one external metric, and the flags of its controller. */
export interface HpaOptions extends TargetOptions {
  /** `--horizontal-pod-autoscaler-sync-period`. */
  readonly syncPeriodMs: number;
  readonly metric: WorkMetric;
  /** `value` compares the metric itself with the target; the target is then of the whole service. */
  readonly targetKind: 'average-value' | 'value';
  /** `--horizontal-pod-autoscaler-tolerance`. */
  readonly tolerance: number;
  /** `--horizontal-pod-autoscaler-downscale-stabilization`; what counts without a `behavior`. */
  readonly downStabilizationMs: number;
  /** `spec.behavior`; null: none is written, and the controller limits the way up to the double, or 4. */
  readonly behavior: HpaBehavior | null;
  /** The feature gate HPAScaleToZero, off unless a cluster turns it on. */
  readonly scaleToZero: boolean;
}

/**
 * Defaults of kubernetes/kubernetes, pkg/controller/podautoscaler/config/v1alpha1/defaults.go. A target has none: the guides say
 * what one replica handles well, which is its measured concurrency.
 */
export const hpaDefaults: HpaOptions = {
  syncPeriodMs: 15_000,
  metric: 'queue-and-in-flight',
  targetKind: 'average-value',
  targetPerReplica: null,
  targetCapacityShare: 1,
  tolerance: 0.1,
  downStabilizationMs: 300_000,
  behavior: null,
  scaleToZero: false,
};

export const hpaKnobs: Knobs<HpaOptions> = {
  targetCapacityShare: [0.4, 0.6, 0.8, 1, 1.3],
  downStabilizationMs: [60_000, 300_000, 600_000, 1_200_000],
};

export interface HpaState {
  /** `spec.replicas` as this rule last wrote it; null before. */
  readonly spec: number | null;
  readonly recommendations: readonly Sample[];
  /** Changes of the count, added ones positive; kept only with a `behavior`. */
  readonly changes: readonly Sample[];
}

export const hpaBegin: HpaState = { spec: null, recommendations: [], changes: [] };

/**
 * Kubernetes HPA on an external metric that is the work of the service (requests that wait and are under way).
 * Rule: {@link ./hpa-rules.ts}; bounds of the count first, then the metric, then stabilisation, then the limits of a step.
 *
 * | what | then |
 * |---|---|
 * | metric unknown | no change (`computeReplicasForMetrics` returns an error) |
 * | replicas not ready | count like ready ones for AverageValue; are left out for Value |
 * | 0 replicas and a minimum above | the count goes to the minimum; the original takes 0 for "switched off" |
 *
 * Source: kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go `reconcileAutoscaler` at 00067268.
 */
export function makeHpa(options: Partial<HpaOptions> = {}): Policy<HpaState> {
  const chosen = { ...hpaDefaults, ...options };
  const policy: Policy<HpaState> = {
    name: 'hpa',
    periodMs: chosen.syncPeriodMs,
    begin: () => hpaBegin,
    decide(input, state) {
      const { spec, why, terms, ...next } = syncHpa(chosen, input, state, fewest(chosen, input));
      const desired = withinTerms(spec, input.terms);
      return { decision: { desired, reason: `HPA: ${why}`, terms }, state: { ...next, spec: desired } };
    },
  };
  return { ...policy, rest: restInCycles(policy, 1, shiftHpa) };
}

/** The state so many milliseconds later. */
export function shiftHpa(state: HpaState, byMs: number): HpaState {
  const [recommendations, changes] = [shiftSamples(state.recommendations, byMs), shiftSamples(state.changes, byMs)];
  return { ...state, recommendations, changes };
}

function fewest({ scaleToZero }: HpaOptions, { terms }: PolicyInput): number {
  const atLeast = fewestReplicas(terms);
  return scaleToZero ? atLeast : Math.min(terms.maxReplicas, Math.max(1, atLeast));
}

export interface HpaSync extends HpaState {
  readonly spec: number;
  readonly why: string;
  readonly terms: Readonly<Record<string, number | null>>;
}

/** One sync of the controller, for whoever runs an HPA inside another rule. */
export function syncHpa(options: HpaOptions, input: PolicyInput, state: HpaState, minReplicas: number): HpaSync {
  const { nowMs } = input;
  const counts = countReplicas(input.replicas);
  const spec = state.spec ?? counts.existing;
  // `recordInitialRecommendation`: what runs at the first sync is taken for its first recommendation.
  const recommendations = state.recommendations.length === 0 ? [{ atMs: nowMs, value: spec }] : state.recommendations;
  const metric = workOf(input.signals, options.metric);
  const target = targetOf(options, input.capacity);
  const terms = { metric, target, spec, ...counts };
  const keep = { spec, recommendations, changes: state.changes, terms };
  const { maxReplicas } = input.terms;
  const changes = (to: number) => withChange(options, state.changes, { atMs: nowMs, value: to - spec });
  if (spec > maxReplicas) {
    const why = `${spec} is above the maximum ${maxReplicas}`;
    return { ...keep, spec: maxReplicas, changes: changes(maxReplicas), why };
  }
  if (spec < minReplicas) {
    const why = `${spec} is below the minimum ${minReplicas}`;
    return { ...keep, spec: minReplicas, changes: changes(minReplicas), why };
  }
  if (metric === null) return { ...keep, why: `the metric is unknown; ${spec} stay` };

  const asked =
    options.targetKind === 'value'
      ? replicasForValue(metric, target, { spec, ready: counts.ready }, options.tolerance)
      : replicasForAverageValue(metric, target, counts.existing, options.tolerance);
  const { stable, limited } = normalized(options, { nowMs, spec, asked, minReplicas, maxReplicas }, keep);
  return {
    spec: limited,
    recommendations: withSample(recommendations, { atMs: nowMs, value: asked }, ...recommendationBound(options)),
    changes: changes(limited),
    why: `${rounded(metric)} of work at ${rounded(target)} ${options.targetKind === 'value' ? 'in all' : 'each'} asks for ${asked}; stabilised ${stable}, allowed ${limited}`,
    terms: { ...terms, asked, stable, limited },
  };
}

interface Step {
  readonly nowMs: number;
  readonly spec: number;
  readonly asked: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** `normalizeDesiredReplicas`, and `normalizeDesiredReplicasWithBehaviors` where there is a `behavior`. */
function normalized(
  { behavior, downStabilizationMs }: HpaOptions,
  { nowMs, spec, asked, minReplicas, maxReplicas }: Step,
  { recommendations, changes }: Pick<HpaState, 'recommendations' | 'changes'>,
): { readonly stable: number; readonly limited: number } {
  if (behavior === null) {
    const stable = stabilizedDown(recommendations, asked, nowMs - downStabilizationMs);
    const most = Math.min(maxReplicas, scaleUpLimit(spec));
    return { stable, limited: stable < minReplicas ? minReplicas : Math.min(stable, most) };
  }
  const stable = stabilizedByBehavior(recommendations, asked, spec, behavior, nowMs);
  const limited =
    stable > spec
      ? Math.min(stable, maxReplicas, upLimitByRules(spec, changes, behavior.up, nowMs))
      : stable < spec
        ? Math.max(stable, minReplicas, downLimitByRules(spec, changes, behavior.down, nowMs))
        : stable;
  return { stable, limited };
}

function recommendationBound({ behavior, downStabilizationMs, syncPeriodMs }: HpaOptions): [number, number] {
  const windowMs =
    behavior === null
      ? downStabilizationMs
      : Math.max(behavior.up.stabilizationMs, behavior.down.stabilizationMs, syncPeriodMs);
  return [windowMs, samplesIn(windowMs, syncPeriodMs)];
}

/** `storeScaleEvent`. */
function withChange({ behavior, syncPeriodMs }: HpaOptions, changes: readonly Sample[], change: Sample) {
  if (behavior === null || change.value === 0) return changes;
  const longestMs = Math.max(...[...behavior.up.policies, ...behavior.down.policies].map(({ periodMs }) => periodMs));
  return withSample(changes, change, longestMs, samplesIn(longestMs, syncPeriodMs));
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
