import type { SliceChoice } from '../service-options.ts';

/** A packer that tries more GPUs than this answers `unknown` from then on. */
const stepsAtMost = 200_000;

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
 * The largest profile that is left goes first: some GPU has to hold it. Layouts that leave the fewest compute slices empty
 * are tried first.
 */
export function makePacker({ layouts, computeSlices }: SliceChoice): Packer {
  const failed = new Set<string>();
  let steps = 0;

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
    if (free === 0 || failed.has(key)) return null;
    for (const { index, used } of orderLayouts(left, profile)) {
      steps += 1;
      if (steps > stepsAtMost) return null;
      const rest = left.map((count, at) => count - (used[at] ?? 0));
      const others = search(rest, free - 1);
      if (others !== null) return [index, ...others];
    }
    if (steps <= stepsAtMost) failed.add(key);
    return null;
  };

  return (counts, gpus) => {
    const found = search(counts, gpus);
    if (found !== null) return { answer: 'fits', layouts: found };
    return { answer: steps > stepsAtMost ? 'unknown' : 'does-not-fit' };
  };
}
