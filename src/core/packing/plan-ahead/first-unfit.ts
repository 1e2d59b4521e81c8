/** Whole replicas by service, in one order. */
export type Counts = readonly number[];

/**
 * Returns the index of the first counts that do not fit; null where all fit.
 *
 * `fits` is monotone: what fits, fits with fewer of any service too. So if the largest of each service over a span of counts
 * fits together, the whole span fits. Otherwise the span is halved, the earlier half first. Growing counts are found by
 * about log2(n) questions.
 */
export function findFirstUnfit(steps: readonly Counts[], fits: (counts: Counts) => boolean): number | null {
  const search = (from: number, until: number): number | null => {
    if (from >= until || fits(largestOf(steps.slice(from, until)))) return null;
    if (until - from === 1) return from;
    const middle = Math.floor((from + until) / 2);
    return search(from, middle) ?? search(middle, until);
  };
  return search(0, steps.length);
}

/** Returns the largest number of each service over all counts. */
export function largestOf(all: readonly Counts[]): Counts {
  const [first = []] = all;
  return all.reduce((most, counts) => most.map((count, at) => Math.max(count, counts[at] ?? 0)), first);
}

/** Returns the largest number of each service over this day and the days before it, `days` in total. */
export function trailingLargest(all: readonly Counts[], days: number): readonly Counts[] {
  return all.map((_, at) => largestOf(all.slice(Math.max(0, at + 1 - days), at + 1)));
}
