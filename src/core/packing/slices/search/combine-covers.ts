import type { FractionalCounts } from '../bound/find-prices.ts';
import { sumShares, type SliceBound } from '../bound/slice-bound.ts';
import type { SliceChoice } from '../service-options.ts';
import { dropHarder, keepNearest } from './dominance.ts';
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
  /** From the fewest compute slices to the most, and of as many from the fewest instances to the most. */
  readonly combinations: readonly CombinedCovers[];
  /** True when every plan with so many GPUs is no easier to place than one of these. */
  readonly complete: boolean;
}

/** So much work is done for all services together; the more services, the fewer covers and combinations are kept. */
const joinedAtMost = 6_000;
const limitFor = (services: number, most: number, least: number): number =>
  Math.max(least, Math.min(most, Math.round((most * 11) / services)));

/** The covers of the services so far. */
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
 *
 * Where there are too many, those nearest to the fractional counts are kept.
 */
export function combineCovers(
  choice: SliceChoice,
  bound: SliceBound,
  fractional: FractionalCounts,
  gpus: number,
): CombinationList {
  const { computeSlices, nested, services } = choice;
  const prices = bound.prices.map(({ numerator }) => numerator);
  const spare = BigInt(gpus) * bound.denominator - sumShares(bound.shares);
  if (spare < 0n) return { combinations: [], complete: true };
  const [coversAtMost, partialsAtMost] = [limitFor(services.length, 150, 20), limitFor(services.length, 1_500, 100)];
  let complete = true;
  let target = prices.map(() => 0);
  let costAtMost = spare;
  let partials: readonly Partial[] = [{ counts: target, cost: 0n, slices: 0, cover: [], before: null }];
  services.forEach((service, index) => {
    const near = fractional[index] ?? [];
    const share = bound.shares[index]?.numerator ?? 0n;
    target = target.map((sum, at) => sum + (near[at] ?? 0));
    costAtMost += share;

    const list = listCovers(service, prices, share + spare, near);
    const easy = dropHarder(
      sortByCost(keepNearest(list.covers, near, computeSlices, joinedAtMost), computeSlices),
      nested,
    );
    const covers = keepNearest(easy, near, computeSlices, coversAtMost);

    const joined = join(partials, covers, costAtMost, computeSlices);
    const few = sortByCost(keepNearest(joined, target, computeSlices, joinedAtMost), computeSlices);
    const kept = dropHarder(few, nested);
    partials = keepNearest(kept, target, computeSlices, partialsAtMost);
    const cut =
      list.covers.length > joinedAtMost ||
      covers.length < easy.length ||
      few.length < joined.length ||
      partials.length < kept.length;
    complete = complete && list.complete && !cut;
  });
  const combinations = [...partials]
    .sort((a, b) => a.slices - b.slices || countInstances(a) - countInstances(b))
    .map(toCombination);
  return { combinations, complete };
}

/** Every pair within the cost, one for each sum of counts. */
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
  return [...sums.values()];
}

/** From the cheapest to the dearest, and then from the fewest compute slices to the most. */
function sortByCost<T extends PricedCover>(elements: readonly T[], computeSlices: readonly number[]): readonly T[] {
  return [...elements].sort((a, b) => {
    if (a.cost !== b.cost) return a.cost < b.cost ? -1 : 1;
    return countSlices(a.counts, computeSlices) - countSlices(b.counts, computeSlices);
  });
}

const countInstances = ({ counts }: Partial): number => counts.reduce((sum, count) => sum + count, 0);

/** Compute slices of so many instances of each profile. */
function countSlices(counts: readonly number[], computeSlices: readonly number[]): number {
  return counts.reduce((sum, count, at) => sum + count * (computeSlices[at] ?? 0), 0);
}

function toCombination(last: Partial): CombinedCovers {
  const covers: (readonly number[])[] = [];
  let each = last;
  while (each.before !== null) {
    covers.unshift(each.cover);
    each = each.before;
  }
  return { counts: last.counts, slices: last.slices, covers };
}
