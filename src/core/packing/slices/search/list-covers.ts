import { leastCost, orderOptions } from '../bound/cheapest-cover.ts';
import type { ServiceOptions } from '../service-options.ts';

/** Instances of each profile that carry a rate, and their cost at given prices. */
export interface PricedCover {
  readonly counts: readonly number[];
  readonly cost: bigint;
}

export interface CoverList {
  readonly covers: readonly PricedCover[];
  /** False when the list was cut short: covers may be missing. */
  readonly complete: boolean;
}

/** A list that would look at more sets of instances than this is cut short. */
const stepsAtMost = 100_000;
/** A list that is cut short has counts at most this far from those asked for. */
const countsApart = 4;

/**
 * Returns all sets of instances that carry the rate of a service and cost at most so much. Sets that carry it without one
 * of their instances are left out. Where there are too many sets, only those near the given counts are looked at.
 */
export function listCovers(
  service: ServiceOptions,
  prices: readonly bigint[],
  costAtMost: bigint,
  near: readonly number[],
): CoverList {
  const all = searchCovers(service, prices, costAtMost, null);
  return all.complete ? all : { ...searchCovers(service, prices, costAtMost, near), complete: false };
}

function searchCovers(
  service: ServiceOptions,
  prices: readonly bigint[],
  costAtMost: bigint,
  near: readonly number[] | null,
): CoverList {
  const options = orderOptions(service, prices);
  const covers: PricedCover[] = [];
  let steps = 0;
  const search = (index: number, left: number, cost: bigint, counts: readonly number[]): void => {
    const option = options[index];
    if (option === undefined) return;
    const next = options[index + 1];
    const middle = near?.[option.profile] ?? 0;
    const least = near === null ? 0 : Math.max(0, Math.ceil(middle - countsApart));
    const most = near === null ? Infinity : Math.floor(middle + countsApart);
    for (let count = Math.min(most, Math.ceil(left / option.carried)); count >= least; count -= 1) {
      steps += 1;
      if (steps > stepsAtMost) return;
      const rest = left - count * option.carried;
      const paid = cost + BigInt(count) * option.price;
      const taken = counts.map((each, profile) => (profile === option.profile ? count : each));
      if (rest <= 0) {
        if (paid <= costAtMost && !hasSpareInstance(service, taken, -rest)) covers.push({ counts: taken, cost: paid });
        continue;
      }
      if (next === undefined || paid + leastCost(rest, next) > costAtMost) break;
      search(index + 1, rest, paid, taken);
    }
  };
  const none = service.carriedMillionths.map(() => 0);
  search(0, service.rateMillionths, 0n, none);
  return { covers, complete: steps <= stepsAtMost };
}

const hasSpareInstance = (service: ServiceOptions, counts: readonly number[], surplus: number): boolean =>
  counts.some((count, profile) => count > 0 && (service.carriedMillionths[profile] ?? 0) <= surplus);
