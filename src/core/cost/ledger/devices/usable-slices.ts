import type { MigBoard, MigProfile } from '../../../hardware/tables/mig-profiles.ts';

export interface Slices {
  readonly compute: number;
  readonly memory: number;
}

interface Packing {
  readonly taken: number;
  readonly computeLeft: number;
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Returns the slices that further instances can use at the most, beside those that are placed: of all sets of further
 * instances the one that takes most memory slices, and of those the one that takes most compute slices.
 *
 * Worked (A100-40, 7 compute and 8 memory slices): beside seven `1g.5gb` at 0 to 6 memory slice 7 is left, and no profile
 * begins there: nothing is usable. Beside one `3g.20gb` at 0 another at 4 is usable: 3 compute and 4 memory slices, and
 * 1 compute slice is stranded.
 *
 * @param computeLeft compute slices without an instance.
 */
export function findUsableSlices(
  board: MigBoard,
  placed: readonly { readonly profile: MigProfile; readonly start: number }[],
  computeLeft: number,
): Slices {
  const counts = new Map<string, number>();
  let taken = 0;
  for (const { profile, start } of placed) {
    taken |= bitsOf(profile, start);
    counts.set(profile.profile, (counts.get(profile.profile) ?? 0) + 1);
  }
  const plain = board.profiles.filter(({ profile }) => !profile.includes('+'));
  return search(plain, { taken, computeLeft, counts }, new Map());
}

const bitsOf = ({ size }: MigProfile, start: number): number => ((1 << size) - 1) << start;

/** Depth first over at most 2^8 sets of memory slices, remembered by what is left. */
function search(profiles: readonly MigProfile[], packing: Packing, known: Map<string, Slices>): Slices {
  const key = JSON.stringify([packing.taken, packing.computeLeft, [...packing.counts].sort()]);
  const before = known.get(key);
  if (before !== undefined) return before;
  let best: Slices = { compute: 0, memory: 0 };
  for (const profile of profiles) {
    const compute = Number(/^(\d+)g\./.exec(profile.profile)?.[1] ?? 0);
    const count = packing.counts.get(profile.profile) ?? 0;
    if (compute > packing.computeLeft || count >= profile.maxInstances) continue;
    for (const start of profile.starts) {
      const bits = bitsOf(profile, start);
      if ((packing.taken & bits) !== 0) continue;
      const rest = search(
        profiles,
        {
          taken: packing.taken | bits,
          computeLeft: packing.computeLeft - compute,
          counts: new Map(packing.counts).set(profile.profile, count + 1),
        },
        known,
      );
      const found = { compute: rest.compute + compute, memory: rest.memory + profile.size };
      if (found.memory > best.memory || (found.memory === best.memory && found.compute > best.compute)) best = found;
    }
  }
  known.set(key, best);
  return best;
}
