import { migBoards, type MigBoard, type MigProfile } from '../../hardware/tables/mig-profiles.ts';
import { hasMediaEngines } from '../slices/layouts.ts';

/** Boards by their whole names and by the parts of them. */
const boardsByName = new Map<string, MigBoard>(
  migBoards.flatMap((board) => [board.name, ...board.name.split(/,? and |, /)].map((name) => [name, board] as const)),
);

/** Returns the board of a name (`A100-80 and A800-80`) or of a part of it (`A800-80`); null where the table has none. */
export function findBoard(name: string): MigBoard | null {
  return boardsByName.get(name) ?? null;
}

/**
 * Returns the profile that a replica takes on a board: the first of `wanted` that the board has; null where it has none.
 * `3g.40gb` names a profile. `3g` is the smallest profile with three compute slices.
 */
export function findProfile(board: MigBoard, wanted: readonly string[]): MigProfile | null {
  for (const name of wanted) {
    // The table goes from the smallest profile to the largest.
    const found = board.profiles.find(({ profile }) => profile === name || profile.startsWith(`${name}.`));
    if (found !== undefined) return found;
  }
  return null;
}

/** Returns the thousandths of a device that an instance takes: its share of the memory slices, rounded down. */
export function shareOfBoardMilli({ slices }: MigBoard, { size }: MigProfile): number {
  return Math.floor((1_000 * size) / slices);
}

/** An instance that stays where it is. */
export interface KeptInstance {
  readonly profile: string;
  readonly start: number;
}

const bitsOf = ({ size }: MigProfile, start: number): number => ((1 << size) - 1) << start;

/**
 * Returns a start for each of these instances of one device, so that they fit beside each other and beside those that are kept;
 * null where they do not.
 *
 * Worked: on an A100 `3g.40gb` and `4g.40gb` begin at 4 and 0. Two `4g.40gb` do not fit: 0 is their only start.
 */
export function placeInstances(
  board: MigBoard,
  profiles: readonly string[],
  kept: readonly KeptInstance[] = [],
): readonly number[] | null {
  const order = profiles.map((name, at) => ({ at, profile: board.profiles.find(({ profile }) => profile === name) }));
  order.sort((a, b) => (b.profile?.size ?? 0) - (a.profile?.size ?? 0) || namesOf(a).localeCompare(namesOf(b)));
  const wanted = order.flatMap(({ profile }) => (profile === undefined ? [] : [profile]));
  const stay = kept.flatMap(({ profile: name, start }) => {
    const profile = board.profiles.find((each) => each.profile === name);
    return profile === undefined ? [] : [{ profile, start }];
  });
  if (wanted.length + stay.length < profiles.length + kept.length) return null;
  if (!areNumbersPossible([...wanted, ...stay.map(({ profile }) => profile)])) return null;
  const taken = stay.reduce((bits, { profile, start }) => bits | bitsOf(profile, start), 0);
  const starts = search(wanted, 0, taken);
  if (starts === null) return null;
  const placed = profiles.map(() => 0);
  for (const [index, { at }] of order.entries()) placed[at] = starts[index] ?? 0;
  return placed;
}

const namesOf = ({ profile }: { readonly profile: MigProfile | undefined }): string => profile?.profile ?? '';

function areNumbersPossible(wanted: readonly MigProfile[]): boolean {
  const counts = Map.groupBy(wanted, (profile) => profile);
  const withEngines = wanted.filter(hasMediaEngines).length;
  return withEngines <= 1 && [...counts].every(([{ maxInstances }, own]) => own.length <= maxInstances);
}

/** Starts of the instances from `at` on beside the memory slices that are taken, as bits. The 4g has a single start. */
function search(wanted: readonly MigProfile[], at: number, taken: number): readonly number[] | null {
  const profile = wanted[at];
  if (profile === undefined) return [];
  for (const start of profile.starts) {
    const bits = bitsOf(profile, start);
    const rest = (taken & bits) === 0 ? search(wanted, at + 1, taken | bits) : null;
    if (rest !== null) return [start, ...rest];
  }
  return null;
}
