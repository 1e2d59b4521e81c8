import type { SliceBound } from '../bound/slice-bound.ts';
import type { SliceChoice } from '../service-options.ts';
import { keepEasiest } from './dominance.ts';
import { listCovers, type PricedCover } from './list-covers.ts';

/** A cover of each service, and all of their instances together. */
export interface CombinedCovers {
  /** Instances of each profile of all services together. */
  readonly counts: readonly number[];
  readonly slices: number;
  /** Instances of each profile of each service, in the order of the services. */
  readonly covers: readonly (readonly number[])[];
}

export interface CombinationList {
  /** From the fewest compute slices to the most. */
  readonly combinations: readonly CombinedCovers[];
  /** True when every plan with so many GPUs is no easier to place than one of these. */
  readonly complete: boolean;
}

/** So many covers of a service and so many combinations are kept at most. */
const coversAtMost = 400;
const combinationsAtMost = 2_500;

interface Partial {
  readonly counts: readonly number[];
  readonly cost: bigint;
  readonly slices: number;
  readonly cover: readonly number[];
  readonly before: Partial | null;
}

/**
 * Returns the combinations of covers that may fit on so many GPUs. All instances together cost at most that many at the
 * bound's prices, and each service costs its share at least: what is between the two is all that services may spend on
 * covers that are not their cheapest. Combinations that are no easier to place than another are left out.
 */
export function combineCovers(choice: SliceChoice, bound: SliceBound, gpus: number): CombinationList {
  const prices = bound.prices.map(({ numerator }) => numerator);
  const shares = bound.shares.map(({ numerator }) => numerator);
  const spare = BigInt(gpus) * bound.denominator - shares.reduce((sum, share) => sum + share, 0n);
  if (spare < 0n) return { combinations: [], complete: true };
  let complete = true;
  let partials: readonly Partial[] = [{ counts: prices.map(() => 0), cost: 0n, slices: 0, cover: [], before: null }];
  let sharesSoFar = 0n;
  choice.services.forEach((service, index) => {
    const share = shares[index] ?? 0n;
    const list = listCovers(service, prices, share + spare);
    const covers = keepEasiest(sortCovers(list.covers, choice.computeSlices), choice.nested, coversAtMost);
    sharesSoFar += share;
    const joined = join(partials, covers.kept, sharesSoFar + spare, choice.computeSlices);
    const kept = keepEasiest(joined, choice.nested, combinationsAtMost);
    complete = complete && list.complete && covers.complete && kept.complete;
    partials = kept.kept;
  });
  const combinations = [...partials].sort((a, b) => a.slices - b.slices).map(toCombination);
  return { combinations, complete };
}

/** Every pair within the cost, one for each sum of counts, from the cheapest to the dearest. */
function join(
  partials: readonly Partial[],
  covers: readonly PricedCover[],
  costAtMost: bigint,
  computeSlices: readonly number[],
): readonly Partial[] {
  const sums = new Map<string, Partial>();
  for (const before of partials) {
    for (const { counts: cover, cost } of covers) {
      const sum = before.cost + cost;
      if (sum > costAtMost) continue;
      const counts = before.counts.map((count, at) => count + (cover[at] ?? 0));
      const key = counts.join();
      if (sums.has(key)) continue;
      sums.set(key, { counts, cost: sum, slices: before.slices + countSlices(cover, computeSlices), cover, before });
    }
  }
  return [...sums.values()].sort((a, b) => compareCosts(a.cost, b.cost) || a.slices - b.slices);
}

function sortCovers(covers: readonly PricedCover[], computeSlices: readonly number[]): readonly PricedCover[] {
  return [...covers].sort(
    (a, b) =>
      compareCosts(a.cost, b.cost) || countSlices(a.counts, computeSlices) - countSlices(b.counts, computeSlices),
  );
}

const compareCosts = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Compute slices of so many instances of each profile. */
export function countSlices(counts: readonly number[], computeSlices: readonly number[]): number {
  return counts.reduce((sum, count, at) => sum + count * (computeSlices[at] ?? 0), 0);
}

function toCombination(last: Partial): CombinedCovers {
  const covers: (readonly number[])[] = [];
  for (let each: Partial | null = last; each?.before != null; each = each.before) covers.unshift(each.cover);
  return { counts: last.counts, slices: last.slices, covers };
}
