import type { MigBoard, MigProfile } from '../../hardware/tables/mig-profiles.ts';

/** One way to divide a GPU: which instances it has, and where each begins. */
export interface GpuLayout {
  /** The index of a profile in the list that the layouts were made for, and its start on the memory axis. */
  readonly instances: readonly { readonly profile: number; readonly start: number }[];
  /** Instances of each profile, in the order of that list. */
  readonly counts: readonly number[];
}

/**
 * Returns the layouts of a board from these profiles that cannot hold one more instance: each other layout has at most as
 * many instances of every profile as one of these. Of layouts with the same counts one is returned.
 *
 * Worked: an A100 with 1g, 2g, 3g, 4g and 7g has 12 layouts, among them 4g 3g, 3g 3g and seven 1g.
 * Source: the starts and the largest numbers of the board's table. Of profiles with media engines a layout has one instance.
 */
export function listLayouts(board: MigBoard, profiles: readonly MigProfile[]): readonly GpuLayout[] {
  const found = new Map<string, GpuLayout>();
  const place = (at: number, instances: GpuLayout['instances'], counts: readonly number[]): void => {
    if (at >= board.slices) {
      found.set(counts.join(), found.get(counts.join()) ?? { instances, counts });
      return;
    }
    const enginesTaken = profiles.some((each, index) => hasMediaEngines(each) && (counts[index] ?? 0) > 0);
    profiles.forEach((each, profile) => {
      const { starts, size, maxInstances } = each;
      if (!starts.includes(at) || at + size > board.slices || (counts[profile] ?? 0) >= maxInstances) return;
      if (enginesTaken && hasMediaEngines(each)) return;
      const more = counts.map((count, index) => (index === profile ? count + 1 : count));
      place(at + size, [...instances, { profile, start: at }], more);
    });
    // Last, so that instances of the layout that is kept begin as low as they can.
    place(at + 1, instances, counts);
  };
  place(
    0,
    [],
    profiles.map(() => 0),
  );
  const all = [...found.values()];
  return all.filter((layout) => !all.some((other) => other !== layout && isWithin(layout.counts, other.counts)));
}

/** Whether each count is at most the other's. */
export function isWithin(counts: readonly number[], others: readonly number[]): boolean {
  return counts.every((count, index) => count <= (others[index] ?? 0));
}

/**
 * Whether instances of the profile have the JPEG and optical flow engines. A GPU has these engines once, so that it has one
 * such instance: an A30 has no `1g.6gb+me` beside a `2g.12gb+me`.
 */
export function hasMediaEngines({ profile }: Pick<MigProfile, 'profile'>): boolean {
  return profile.endsWith('+me');
}

/** Compute slices of an instance: the number before the `g` of its profile. `3g.40gb` has 3 of 7, and half of the memory. */
export function countComputeSlices({ profile }: Pick<MigProfile, 'profile'>): number {
  return Number(/^(\d+)g/.exec(profile)?.[1] ?? NaN);
}

/**
 * Whether an instance of each profile fits wherever an instance of the next one stands, with no more compute slices. A plan
 * may then use the smaller one in its place. True for 1g, 2g, 3g, 4g, 7g; false where a profile may stand on a board less
 * often than its starts allow (`1g.10gb+me`).
 */
export function isNestedChain(profiles: readonly MigProfile[]): boolean {
  return profiles.every((small, index) => {
    const large = profiles[index + 1];
    if (countDisjointStarts(small) !== small.maxInstances) return false;
    if (large === undefined) return true;
    return countComputeSlices(small) <= countComputeSlices(large) && isNested(small, large);
  });
}

const isNested = (small: MigProfile, large: MigProfile): boolean =>
  large.starts.every((start) => small.starts.some((each) => each >= start && each + small.size <= start + large.size));

function countDisjointStarts({ starts, size }: MigProfile): number {
  let end = 0;
  let count = 0;
  for (const start of [...starts].sort((a, b) => a - b)) {
    if (start < end) continue;
    count += 1;
    end = start + size;
  }
  return count;
}
