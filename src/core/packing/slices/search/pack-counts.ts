import { maximizeExactly } from '../bound/exact-simplex.ts';
import type { SliceChoice } from '../service-options.ts';

/** One search tries at most so many GPUs, and all searches of a packer together so many. */
const stepsOfOne = 5_000;
const stepsOfAll = 200_000;

export type CountsPacking =
  | { readonly answer: 'fits'; /** Index of the layout of each GPU. */ readonly layouts: readonly number[] }
  | { readonly answer: 'does-not-fit' }
  /** The search was cut short. */
  | { readonly answer: 'unknown' };

/** Layouts of at most so many GPUs that hold so many instances of each profile, or that there are none. */
export type Packer = (counts: readonly number[], gpus: number) => CountsPacking;

/**
 * Returns a packer that remembers what did not fit.
 *
 * | step | what |
 * |---|---|
 * | prices | the dearest that the instances can be, where no layout costs more than 1: above the GPUs they do not fit |
 * | whole layouts | the dual solution has GPUs of each layout; the whole ones are taken, and the rest is searched |
 * | all | where the rest does not fit, all instances are searched |
 */
export function makePacker(choice: SliceChoice): Packer {
  const rows = choice.layouts.map(({ counts }) => counts.map(BigInt));
  const limits = rows.map(() => 1n);
  const search = makeSearch(choice);
  return (counts, gpus) => {
    const optimum = maximizeExactly(counts.map(BigInt), rows, limits);
    if (optimum === null || optimum.objective > BigInt(gpus) * optimum.denominator) return { answer: 'does-not-fit' };
    const whole = optimum.rowPrices.flatMap((price, index) =>
      Array.from({ length: Number(price / optimum.denominator) }, () => index),
    );
    const taken = counts.map((_, at) =>
      whole.reduce((sum, index) => sum + (choice.layouts[index]?.counts[at] ?? 0), 0),
    );
    const rest = search(subtract(counts, taken), gpus - whole.length);
    if (rest.answer === 'fits') return { answer: 'fits', layouts: [...whole, ...rest.layouts] };
    return whole.length === 0 ? rest : search(counts, gpus);
  };
}

/**
 * Returns a search that tries every way. The largest profile that is left goes first: some GPU has to hold it. Layouts that
 * leave the fewest compute slices empty are tried first. A layout takes as many instances as it holds: that never makes it
 * harder for the other GPUs.
 */
function makeSearch({ layouts, computeSlices }: SliceChoice): Packer {
  const failed = new Set<string>();
  let steps = 0;
  let stepsUntil = 0;

  const orderLayouts = (left: readonly number[], profile: number) =>
    layouts
      .map((layout, index) => {
        const used = layout.counts.map((count, at) => Math.min(count, left[at] ?? 0));
        const slices = used.reduce((sum, count, at) => sum + count * (computeSlices[at] ?? 0), 0);
        return { index, used, slices };
      })
      .filter(({ used }) => (used[profile] ?? 0) > 0)
      .sort((a, b) => b.slices - a.slices);

  const search = (left: readonly number[], free: number): readonly number[] | null => {
    const profile = left.findLastIndex((count) => count > 0);
    if (profile < 0) return [];
    const key = `${free}:${left.join()}`;
    if (free <= 0 || failed.has(key)) return null;
    for (const { index, used } of orderLayouts(left, profile)) {
      steps += 1;
      if (steps > stepsUntil) return null;
      const others = search(subtract(left, used), free - 1);
      if (others !== null) return [index, ...others];
    }
    if (steps <= stepsUntil) failed.add(key);
    return null;
  };

  return (counts, gpus) => {
    stepsUntil = Math.min(steps + stepsOfOne, stepsOfAll);
    const found = search(counts, gpus);
    if (found !== null) return { answer: 'fits', layouts: found };
    return { answer: steps > stepsUntil ? 'unknown' : 'does-not-fit' };
  };
}

/** What is left of each count; never below 0. */
const subtract = (counts: readonly number[], others: readonly number[]): readonly number[] =>
  counts.map((count, at) => Math.max(0, count - (others[at] ?? 0)));
