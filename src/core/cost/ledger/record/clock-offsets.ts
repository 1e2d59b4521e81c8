import type { FactClock } from '../fact.ts';

/** A wall clock that is further off than this from where it was has stepped. */
const stepMs = 1_000;

interface Run {
  readonly offsetMs: number;
  lastedMs: number;
}

/**
 * Returns what to add to the monotonic time of each recorder for wall time, milliseconds. A recorder has one offset for all of
 * its time, so that no hour is lived twice, or skipped, where its wall clock stepped.
 *
 * The offset is the one that the wall clock kept longest: the difference of both clocks is followed in runs, a run ends where
 * the difference moves by more than 1 s, and runs of one difference count together. Of runs of one length the earliest counts.
 * Within a run its first difference stands, so that jitter of milliseconds moves no recorded hour.
 *
 * Worked: a board starts in 1970, and its clock is set after 10 s. Once it ran on for more than 10 s the set clock counts,
 * also for the first 10 s.
 */
export function clockOffsets(clocks: readonly FactClock[]): ReadonlyMap<string, number> {
  const byRecorder = Map.groupBy(clocks, ({ recorder }) => recorder);
  return new Map(Array.from(byRecorder, ([recorder, own]) => [recorder, longestOffset(own)] as const));
}

function longestOffset(clocks: readonly FactClock[]): number {
  const ordered = [...clocks].sort((a, b) => a.monotonicMs - b.monotonicMs || a.wallMs - b.wallMs);
  const runs: Run[] = [];
  ordered.forEach(({ monotonicMs, wallMs }, index) => {
    const offsetMs = wallMs - monotonicMs;
    const lastsMs = (ordered[index + 1]?.monotonicMs ?? monotonicMs) - monotonicMs;
    const run = runs.find((each) => Math.abs(each.offsetMs - offsetMs) <= stepMs);
    if (run === undefined) runs.push({ offsetMs, lastedMs: lastsMs });
    else run.lastedMs += lastsMs;
  });
  return runs.reduce((longest, run) => (run.lastedMs > longest.lastedMs ? run : longest)).offsetMs;
}
