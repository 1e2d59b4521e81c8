import { migBoardOf } from './mig-profiles.ts';
import type { Source } from './source.ts';

/** Streaming multiprocessors of an instance, by board and profile. Source: facts of the boards as captured. */
interface Multiprocessors {
  /** Regular expression over the name of the board. */
  readonly board: string;
  /** By compute slices (`3g`), and by the profile of one slice with double memory. */
  readonly bySlices: Readonly<Record<string, number>>;
  readonly double: number;
  readonly source: Source;
}

const guide: Source = {
  title: 'NVIDIA MIG User Guide, "Supported MIG Profiles", SMs; those of H100-80 as captured on a board',
  url: 'https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-mig-profiles.html',
  date: '2026-11',
};

const multiprocessorsByBoard: readonly Multiprocessors[] = [
  { board: '^A100', bySlices: { '1g': 14, '2g': 28, '3g': 42, '4g': 56, '7g': 98 }, double: 14, source: guide },
  { board: '^H100-80', bySlices: { '1g': 16, '2g': 32, '3g': 60, '4g': 64, '7g': 132 }, double: 26, source: guide },
];

/** Instances report a little less or more than the table, by driver. */
const toleranceMib = 64;

/**
 * The profile of an instance whose source names none, where only one of its board has this memory and these multiprocessors;
 * else null. A profile with a media engine has the same as the one without, so that neither is told.
 *
 * Worked: 19,968 MiB with 42 multiprocessors on an A100-40 is 3g.20gb, with 56 it is 4g.20gb; 4,864 MiB with 14 may be 1g.5gb
 * or 1g.5gb+me.
 */
export function inferProfile(
  pciDeviceId: string | null,
  memoryBytes: number | null,
  multiprocessors: number | null,
): string | null {
  const board = migBoardOf(pciDeviceId);
  if (board === null || memoryBytes === null) return null;
  const counts = multiprocessorsByBoard.find((one) => new RegExp(one.board).test(board.name));
  const single = board.profiles[0]?.memoryMib ?? 0;
  const fits = board.profiles.filter(({ profile, memoryMib }) => {
    if (Math.abs(memoryMib - memoryBytes / 2 ** 20) > toleranceMib) return false;
    if (counts === undefined || multiprocessors === null) return true;
    const slices = /^\d+g/.exec(profile)?.[0] ?? '';
    const isDouble = slices === '1g' && memoryMib > 1.5 * single;
    return (isDouble ? counts.double : counts.bySlices[slices]) === multiprocessors;
  });
  return fits.length === 1 ? (fits[0]?.profile ?? null) : null;
}
