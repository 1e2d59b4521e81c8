/** Kubernetes' default `--horizontal-pod-autoscaler-tolerance`; a ratio inside it moves nothing. */
const toleranceShare = 0.1;

/**
 * The total to publish as an external metric with an average value of 1 a replica, so that a HorizontalPodAutoscaler ends at
 * `desired`, or at the next number that it moves to at all. It computes ceil(total / 1), but only where total / current is
 * more than its tolerance away from 1 (kubernetes/kubernetes pkg/controller/podautoscaler/replica_calculator.go,
 * `GetExternalPerPodMetricReplicas`): published as it is, a step from 20 to 21 would do nothing.
 *
 * | desired | published | where the autoscaler ends |
 * |---|---|---|
 * | as current | current | stays |
 * | above | `desired`, or if that is inside the tolerance the next number beyond it | at or above `desired`, at most a tenth and one more |
 * | below, by more than the tolerance | `desired` | at `desired` |
 * | below, inside the tolerance | current | stays: less would be fewer than `desired` |
 *
 * @param current replicas of the scale target now; null where it is not known: then `desired` is all that can be said
 * @returns a whole number, 0 or more
 */
export function externalMetricTotal(desired: number, current: number | null): number {
  if (current === null || current === 0 || desired === current) return desired;
  if (desired > current) return Math.max(desired, Math.floor(current * (1 + toleranceShare) + 1e-9) + 1);
  return desired < current * (1 - toleranceShare) - 1e-9 ? desired : current;
}
