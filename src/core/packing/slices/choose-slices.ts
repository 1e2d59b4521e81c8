import type { MigBoard } from '../../hardware/tables/mig-profiles.ts';
import { findCheapestCover } from './bound/cheapest-cover.ts';
import { findInstancePrices, type FractionalCounts } from './bound/find-prices.ts';
import { makeSliceBound, type SliceBound } from './bound/slice-bound.ts';
import { findSliceProblems, type SlicedService } from './operating-points.ts';
import { combineCovers, type CombinedCovers } from './search/combine-covers.ts';
import { makePacker } from './search/pack-counts.ts';
import { makeSliceChoice, type SliceChoice } from './service-options.ts';
import type { PlannedInstance, SliceAnswer, SlicePlan } from './slice-plan.ts';

/**
 * Returns MIG instances for all services on the fewest whole GPUs of a board; or the problems of the services. Of such plans
 * it is one with the fewest compute slices, and of those one with the fewest instances.
 *
 * | step | what |
 * |---|---|
 * | bound | prices of instances prove how many GPUs are needed at least (`bound/slice-bound.ts`) |
 * | combine | instances for each service that may still fit on that many GPUs (`search/combine-covers.ts`) |
 * | pack | the combination with the fewest compute slices that layouts of a GPU hold (`search/pack-counts.ts`) |
 * | next | one GPU more, where no combination fits |
 *
 * Memory decides nothing here: a point that was measured or stated ran in its instance.
 */
export function chooseSlices(services: readonly SlicedService[], board: MigBoard): SliceAnswer {
  const problems = findSliceProblems(services, board);
  if (problems.length > 0) return { answer: 'not-possible', problems };
  return { answer: 'plan', plan: solveSliceChoice(makeSliceChoice(services, board)) };
}

/** Returns the plan for the question in whole numbers. */
export function solveSliceChoice(choice: SliceChoice): SlicePlan {
  const { prices, fractional } = findInstancePrices(choice);
  const bound = makeSliceBound(choice, prices);
  let ruledOut = true;
  // The cheapest covers are always among the combinations, and on one GPU for each instance they fit.
  for (let gpus = bound.gpus; ; gpus += 1) {
    const { placed, complete } = placeCombinations(choice, bound, fractional, gpus);
    if (placed !== null) {
      return {
        gpus: makeGpus(choice, placed),
        slices: placed.combination.slices,
        bound,
        gpusProof: gpus === bound.gpus ? 'prices' : ruledOut ? 'search' : 'none',
        slicesAtLeast: complete ? placed.combination.slices : countFewestSlices(choice),
      };
    }
    ruledOut = ruledOut && complete;
  }
}

interface PlacedCombination {
  readonly combination: CombinedCovers;
  /** Index of the layout of each GPU. */
  readonly layouts: readonly number[];
}

/** The first combination that fits; complete when every one with fewer compute slices, or every one at all, was ruled out. */
function placeCombinations(
  choice: SliceChoice,
  bound: SliceBound,
  fractional: FractionalCounts,
  gpus: number,
): { readonly placed: PlacedCombination | null; readonly complete: boolean } {
  const { combinations, complete } = combineCovers(choice, bound, fractional, gpus);
  const pack = makePacker(choice);
  let ruledOut = complete;
  for (const combination of combinations) {
    const packing = pack(combination.counts, gpus);
    if (packing.answer === 'fits') {
      return { placed: { combination, layouts: packing.layouts }, complete: ruledOut };
    }
    ruledOut = ruledOut && packing.answer === 'does-not-fit';
  }
  return { placed: null, complete: ruledOut };
}

/** The fewest compute slices of all services, wherever they are placed. */
function countFewestSlices({ services, computeSlices }: SliceChoice): number {
  const prices = computeSlices.map(BigInt);
  return services.reduce((sum, service) => sum + Number(findCheapestCover(service, prices).costAtLeast), 0);
}

/** Gives each instance of a layout to a service that uses its profile, service by service; the others stay empty. */
function makeGpus(choice: SliceChoice, { combination, layouts }: PlacedCombination): SlicePlan['gpus'] {
  const waiting = choice.profiles.map((_, profile) =>
    choice.services.flatMap(({ id, points }, service) => {
      const point = points[profile];
      const count = combination.covers[service]?.[profile] ?? 0;
      return point === undefined || point === null ? [] : Array.from({ length: count }, () => ({ service: id, point }));
    }),
  );
  return layouts.map((layout) => {
    const instances: PlannedInstance[] = [];
    for (const { profile, start } of choice.layouts[layout]?.instances ?? []) {
      const next = waiting[profile]?.shift();
      if (next !== undefined) instances.push({ ...next, start });
    }
    return { instances };
  });
}
