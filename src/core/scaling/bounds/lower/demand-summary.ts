import type { ServiceCurve } from '../../../capacity/service-curve.ts';
import type { SimulatedWorld } from '../../simulation/world.ts';
import { requestCost, type RequestCost } from '../request-cost.ts';

/** What the scored requests ask for together. */
export interface DemandSummary {
  readonly requests: number;
  /** Requests that may be late, those that no replica can answer in time included. */
  readonly lateAtMost: number;
  /** Requests that no replica can answer in time. */
  readonly hopeless: number;
  /** Least replica-time of all others, milliseconds. */
  readonly costMs: number;
  /** Least replica-time of each of them that is due by the end, in increasing order, milliseconds. */
  readonly dueCostsMs: Float64Array;
  readonly costOf: RequestCost;
}

export function summariseDemand(world: SimulatedWorld): DemandSummary {
  const costOf = requestCost(world.capacity.curve, world.terms.latencyMs, leastFactor(world));
  let [requests, hopeless, costMs] = [0, 0, 0];
  const dueCostsMs: number[] = [];
  eachScored(world, (atMs, workMs) => {
    requests += 1;
    const cost = costOf(workMs);
    if (cost === Infinity) {
      hopeless += 1;
      return;
    }
    costMs += cost;
    if (atMs + world.terms.latencyMs <= world.endMs) dueCostsMs.push(cost);
  });
  const sorted = Float64Array.from(dueCostsMs).sort();
  return { requests, hopeless, costMs, dueCostsMs: sorted, costOf, lateAtMost: lateAtMost(requests, world) };
}

/** The largest number of late requests with which the share is still attained. */
function lateAtMost(requests: number, world: SimulatedWorld): number {
  // A share that misses by rounding alone is attained: at worst that makes the bound smaller.
  return Math.floor(requests * (1 - world.terms.attainmentShare) + 1e-6);
}

/** Calls with each scored request, in order. */
export function eachScored(world: SimulatedWorld, take: (atMs: number, workMs: number) => void): void {
  const arrivals = world.arrivals();
  for (let next = arrivals.next(); next.done !== true; next = arrivals.next()) {
    const { atMs, workMs } = next.value;
    if (atMs >= world.endMs) return;
    if (atMs >= world.scoreFromMs) take(atMs, workMs);
  }
}

/** Of all requests, the ones that are not scored included: they may share a batch. Slots do not ask for it. */
function leastFactor(world: SimulatedWorld): number {
  const kind: ServiceCurve['kind'] = world.capacity.curve.kind;
  if (kind === 'slots') return 0;
  let least = Infinity;
  eachScored({ ...world, scoreFromMs: -Infinity }, (_atMs, workMs) => {
    least = Math.min(least, workMs);
  });
  return least;
}
