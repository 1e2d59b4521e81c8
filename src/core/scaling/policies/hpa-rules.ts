import type { Sample } from './samples.ts';

/**
 * The arithmetic of the Kubernetes HorizontalPodAutoscaler: pkg/controller/podautoscaler/replica_calculator.go and
 * horizontal.go of kubernetes/kubernetes at 00067268, the rules of `behavior` as they are since 1.23 (a period's beginning
 * counts removed replicas too, and stabilisation works in both directions at once). Each function names its original.
 */

/** At most `value` replicas, or `value` percent of what there was, in any `periodMs`. */
export interface HpaScalingPolicy {
  readonly kind: 'pods' | 'percent';
  readonly value: number;
  readonly periodMs: number;
}

export interface HpaScalingRules {
  readonly stabilizationMs: number;
  readonly policies: readonly HpaScalingPolicy[];
  /** `max` takes the policy that changes most. */
  readonly select: 'max' | 'min' | 'disabled';
}

export interface HpaBehavior {
  readonly up: HpaScalingRules;
  readonly down: HpaScalingRules;
}

/** What a `behavior` that leaves everything out is filled with (pkg/apis/autoscaling/v2/defaults.go). */
export const hpaBehaviorDefaults: HpaBehavior = {
  up: {
    stabilizationMs: 0,
    policies: [
      { kind: 'percent', value: 100, periodMs: 15_000 },
      { kind: 'pods', value: 4, periodMs: 15_000 },
    ],
    select: 'max',
  },
  down: {
    stabilizationMs: 300_000,
    policies: [{ kind: 'percent', value: 100, periodMs: 15_000 }],
    select: 'max',
  },
};

/**
 * Target of kind AverageValue (`GetExternalPerPodMetricReplicas`): total over target, rounded up, unless the total per
 * existing replica is within the tolerance of the target. Replicas that are not ready count, and no replica at all leaves no
 * tolerance. Worked: 8.6 at 2.222 each with 3 replicas is 4.
 */
export function replicasForAverageValue(total: number, target: number, existing: number, tolerance: number): number {
  const ratio = total / (target * existing);
  return Math.abs(1 - ratio) > tolerance ? Math.ceil(total / target) : existing;
}

/**
 * Target of kind Value (`GetExternalMetricReplicas`): *ready* replicas times metric over target. A metric that is the total of
 * the work does not fall with more replicas, so that the count grows at every sync that finds the last ones ready.
 * Worked: 8.6 at 6.666 with 3 ready is 4.
 */
export function replicasForValue(
  metric: number,
  target: number,
  counts: { readonly spec: number; readonly ready: number },
  tolerance: number,
): number {
  const ratio = metric / target;
  if (counts.spec === 0) return Math.ceil(ratio);
  return Math.abs(1 - ratio) <= tolerance ? counts.spec : Math.ceil(ratio * counts.ready);
}

/** Highest recommendation of the window and of now (`stabilizeRecommendation`). */
export function stabilizedDown(recommendations: readonly Sample[], desired: number, fromMs: number): number {
  return recommendations.reduce((most, { atMs, value }) => (atMs >= fromMs && value > most ? value : most), desired);
}

/**
 * With a `behavior`: the present count, moved as little as possible to lie between the lowest recommendation of the window of
 * the way up and the highest of the window of the way down (`stabilizeRecommendationWithBehaviors`).
 */
export function stabilizedByBehavior(
  recommendations: readonly Sample[],
  desired: number,
  spec: number,
  behavior: HpaBehavior,
  nowMs: number,
): number {
  let least = desired;
  let most = desired;
  for (const { atMs, value } of recommendations) {
    if (atMs > nowMs - behavior.up.stabilizationMs) least = Math.min(least, value);
    if (atMs > nowMs - behavior.down.stabilizationMs) most = Math.max(most, value);
  }
  return Math.min(Math.max(spec, least), most);
}

/** Most replicas of one sync without a `behavior`: the double, and four in any case (`calculateScaleUpLimit`). */
export function scaleUpLimit(spec: number): number {
  return Math.max(2 * spec, 4);
}

/** Most replicas that the rules of the way up allow (`calculateScaleUpLimitWithScalingRules`); never below the present count. */
export function upLimitByRules(
  spec: number,
  changes: readonly Sample[],
  rules: HpaScalingRules,
  nowMs: number,
): number {
  if (rules.select === 'disabled') return spec;
  const proposals = rules.policies.map(({ kind, value, periodMs }) => {
    const startedWith = spec - changedAfter(changes, nowMs - periodMs);
    return kind === 'pods' ? startedWith + value : Math.ceil(startedWith * (1 + value / 100));
  });
  return Math.max(spec, rules.select === 'min' ? Math.min(...proposals) : Math.max(...proposals));
}

/** Fewest replicas that the rules of the way down allow (`calculateScaleDownLimitWithBehaviors`); never above the present count. */
export function downLimitByRules(
  spec: number,
  changes: readonly Sample[],
  rules: HpaScalingRules,
  nowMs: number,
): number {
  if (rules.select === 'disabled') return spec;
  const proposals = rules.policies.map(({ kind, value, periodMs }) => {
    const startedWith = spec - changedAfter(changes, nowMs - periodMs);
    return kind === 'pods' ? startedWith - value : Math.trunc(startedWith * (1 - value / 100));
  });
  return Math.min(spec, rules.select === 'min' ? Math.max(...proposals) : Math.min(...proposals));
}

/** Sum of the changes of the count since then: what was added less what was removed. */
function changedAfter(changes: readonly Sample[], afterMs: number): number {
  return changes.reduce((sum, { atMs, value }) => (atMs > afterMs ? sum + value : sum), 0);
}
