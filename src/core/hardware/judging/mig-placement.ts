import { migBoardOf, type MigBoard, type MigProfile } from '../tables/mig-profiles.ts';

/** One instance that exists; its place is null where the source does not tell it. */
export interface PlacedInstance {
  readonly profile: string | null;
  readonly placement: { readonly start: number; readonly size: number } | null;
}

/**
 * Whether one more instance of a profile fits beside those that exist. Creating one resets nothing and moves nothing.
 *
 * | answer | when |
 * |---|---|
 * | `fits` | a start of the profile is free, whatever the places that are not known |
 * | `does-not-fit` | none is free, or the profile's largest number is reached |
 * | `unknown` | the board is of no table, or it depends on places that are not known |
 *
 * Worked: an A100-40 with 3g.20gb at 0 has slices 4 to 7 free; another 3g.20gb fits at 4, a 4g.20gb (start 0 only) does not.
 */
export type Placement =
  | { readonly answer: 'fits'; readonly start: number }
  | { readonly answer: 'does-not-fit'; readonly because: string }
  | { readonly answer: 'unknown'; readonly because: string };

export function placeProfile(
  pciDeviceId: string | null,
  existing: readonly PlacedInstance[],
  wanted: string,
): Placement {
  const board = migBoardOf(pciDeviceId);
  if (board === null)
    return {
      answer: 'unknown',
      because: `no table knows the MIG profiles of ${pciDeviceId ?? 'a board without a known PCI device id'}`,
    };
  const profile = profileOf(board, wanted);
  if (profile === null) return { answer: 'does-not-fit', because: `${board.name} has no profile ${wanted}` };
  const profiles = existing.map((instance) => (instance.profile === null ? null : profileOf(board, instance.profile)));
  if (profiles.some((each) => each === null))
    return { answer: 'unknown', because: 'the profile of an instance that exists is not known' };
  const same = existing.filter(({ profile: name }) => name === wanted).length;
  if (same >= profile.maxInstances) {
    return { answer: 'does-not-fit', because: `${board.name} holds at most ${profile.maxInstances} of ${wanted}` };
  }
  const arrangements = arrangementsOf(existing, profiles as readonly MigProfile[]);
  if (arrangements.length === 0) {
    return { answer: 'unknown', because: 'the places of the instances that exist contradict each other' };
  }
  const starts = arrangements.map((taken) => freeStarts(profile, taken));
  const always = profile.starts.find((start) => starts.every((free) => free.includes(start)));
  if (always !== undefined) return { answer: 'fits', start: always };
  if (starts.every((free) => free.length === 0)) {
    return {
      answer: 'does-not-fit',
      because: `no start of ${wanted} (${profile.starts.join(', ')}) is free beside ${existing.map((each) => each.profile).join(' ')}`,
    };
  }
  return { answer: 'unknown', because: 'it depends on where the instances that exist were placed' };
}

/** The smallest profile of a board with so much memory; null when there is none, or the board is of no table. */
export function smallestProfile(pciDeviceId: string | null, memoryBytes: number): MigProfile | null {
  const plain = (migBoardOf(pciDeviceId)?.profiles ?? []).filter(({ profile }) => !profile.includes('+'));
  // The tables go from the smallest profile to the largest.
  return plain.find(({ memoryMib }) => memoryMib * 2 ** 20 >= memoryBytes) ?? null;
}

const profileOf = (board: MigBoard, name: string): MigProfile | null =>
  board.profiles.find(({ profile }) => profile === name) ?? null;

const slicesFrom = (start: number, size: number): number => ((1 << size) - 1) << start;
const freeStarts = ({ starts, size }: MigProfile, taken: number): readonly number[] =>
  starts.filter((start) => (slicesFrom(start, size) & taken) === 0);

/** Every set of slices that the instances may take, as bits; those of known places have one place each. */
function arrangementsOf(existing: readonly PlacedInstance[], profiles: readonly MigProfile[]): readonly number[] {
  let arrangements = new Set([0]);
  existing.forEach(({ placement }, index) => {
    const profile = profiles[index];
    if (profile === undefined) return;
    const next = new Set<number>();
    for (const taken of arrangements) {
      const places =
        placement === null
          ? freeStarts(profile, taken).map((start) => slicesFrom(start, profile.size))
          : [slicesFrom(placement.start, placement.size)];
      for (const place of places) if ((place & taken) === 0) next.add(taken | place);
    }
    arrangements = next;
  });
  return [...arrangements];
}
