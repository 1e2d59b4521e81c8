import type { ServiceCurve } from '../../capacity/service-curve.ts';

/**
 * Least time of a replica, in replica-milliseconds, that answering a request of this `workMs` within `latencyMs` takes;
 * Infinity where no replica can, alone as it may be.
 */
export type RequestCost = (workMs: number) => number;

/**
 * `slots`: a replica with k requests under way counts 1/k of its time for each, while the request advances at `speeds[k - 1]`.
 * So a request needs durations tau_k with `sum tau_k speeds[k - 1] = workMs` and `sum tau_k <= latencyMs`, and costs
 * `sum tau_k / k`. The least of it is `latencyMs * hull(workMs / latencyMs)`, where `hull` is the lower convex hull of (0, 0)
 * and the points (speeds[k - 1], 1/k): a request that has much time uses the k of most throughput, one with less time needs
 * a faster and so a dearer k. Above `speeds[0]` nothing is fast enough.
 *
 * `batch`: a batch of n takes `batchMs[n - 1]` times the mean of its factors, and counts for each request by its factor:
 * `factor * batchMs[n - 1] / n`. It must end in time, and its mean is at least `(factor + (n - 1) * leastFactor) / n`.
 */
export function requestCost(curve: ServiceCurve, latencyMs: number, leastFactor: number): RequestCost {
  return curve.kind === 'slots' ? slotsCost(curve.speeds, latencyMs) : batchCost(curve.batchMs, latencyMs, leastFactor);
}

/** What rounding may take from a request that is only just in time. */
const roundingShare = 1e-9;

function slotsCost(speeds: readonly number[], latencyMs: number): RequestCost {
  const hull = lowerHull(speeds);
  return (workMs) => {
    const speed = workMs / latencyMs;
    for (let index = 1; index < hull.length; index += 1) {
      const from = hull[index - 1] as HullPoint;
      const to = hull[index] as HullPoint;
      if (speed > to.speed * (1 + roundingShare)) continue;
      const share = Math.min(1, (speed - from.speed) / (to.speed - from.speed));
      return latencyMs * (from.cost + share * (to.cost - from.cost));
    }
    return Infinity;
  };
}

interface HullPoint {
  readonly speed: number;
  readonly cost: number;
}

function lowerHull(speeds: readonly number[]): readonly HullPoint[] {
  // Slowest first, and of one speed the cheapest alone.
  const points = speeds
    .map((speed, index) => ({ speed, cost: 1 / (index + 1) }))
    .reverse()
    .filter((point, index, all) => index === 0 || point.speed > (all[index - 1] as HullPoint).speed);
  const hull: HullPoint[] = [{ speed: 0, cost: 0 }];
  for (const point of points) {
    while (hull.length > 1 && above(hull[hull.length - 2] as HullPoint, hull[hull.length - 1] as HullPoint, point)) {
      hull.pop();
    }
    hull.push(point);
  }
  return hull;
}

/** Whether the middle point lies on or above the line through the others. */
function above(first: HullPoint, middle: HullPoint, last: HullPoint): boolean {
  const rise = (last.cost - first.cost) * (middle.speed - first.speed);
  return (middle.cost - first.cost) * (last.speed - first.speed) >= rise;
}

function batchCost(batchMs: readonly number[], latencyMs: number, leastFactor: number): RequestCost {
  return (factor) => {
    let least = Infinity;
    for (let count = 1; count <= batchMs.length; count += 1) {
      const perFactorMs = (batchMs[count - 1] as number) / count;
      if (perFactorMs * (factor + (count - 1) * leastFactor) > latencyMs * (1 + roundingShare)) continue;
      least = Math.min(least, factor * perFactorMs);
    }
    return least;
  };
}
