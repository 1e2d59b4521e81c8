import type { PolicyInput } from '../policy.ts';
import type { PresentReplicas } from './in-flight.ts';
import { observeLateness, type SeenLateness } from './seen-lateness.ts';
import type { ChosenSettings } from './settings/choose-settings.ts';
import { foretellLateShare, type ReplayedWorld } from './settings/replay.ts';

/** What is late within so long of each other is of one cause: a queue that a start too few has left takes as long to go. */
const [leastSpellMs, spellStarts] = [300_000, 3] as const;

/**
 * Returns what was seen to be late after one more turn. Only what was late under settings that a replay chose, and not in a surge, is anything to hold a
 * replay against.
 */
export function observeTurn(
  { signals }: PolicyInput,
  {
    seenMs,
    seen,
    chosen,
  }: { readonly seenMs: number | null; readonly seen: SeenLateness; readonly chosen: ChosenSettings },
  {
    waitMs,
    startMs,
    present,
  }: { readonly waitMs: number; readonly startMs: number; readonly present: PresentReplicas },
  now: {
    readonly surge: boolean;
    /** Requests a second. */
    readonly level: number;
    readonly world: ReplayedWorld | null;
  },
): SeenLateness {
  if (chosen.score === null || now.surge) return seen;
  const elapsedMs = seenMs === null ? 0 : Math.max(0, signals.atMs - seenMs);
  const count = (perSecond: number): number => (perSecond * elapsedMs) / 1_000;
  return observeLateness(seen, {
    elapsedMs,
    arrivals: count(signals.arrivalsPerSecond ?? 0),
    answers: signals.completionsPerSecond === null ? null : count(signals.completionsPerSecond),
    tooLong: (signals.oldestWaitMs ?? 0) > waitMs,
    foretoldShare: now.world === null ? 0 : foretellLateShare(now.world, present.ready, now.level),
    spellMs: Math.max(leastSpellMs, spellStarts * startMs),
  });
}
