import type { EventContent, ReadContent } from '../records/event.ts';
import type { Digest } from '../units/digest.ts';
import type { Deployment, Release } from './release.ts';

/** What became of a release. A release itself never changes: three kinds of events decide its outcome. */
export type ReleaseOutcome = 'undecided' | 'was-live' | 'failed' | 'superseded';

/** What any event tells, made or read. */
type Told = EventContent | ReadContent;

export interface DecidedOutcome {
  readonly release: number;
  readonly outcome: Exclude<ReleaseOutcome, 'undecided'>;
}

/** The kinds of events that decide an outcome. */
export const outcomeKinds = ['release.live', 'release.failed', 'release.superseded'] as const;

/** The outcome that one event decides; null for every other event. */
export function outcomeOf(event: Told): DecidedOutcome | null {
  switch (event.kind) {
    case 'release.live':
      return decide(event.data.release, 'was-live');
    case 'release.failed':
      return decide(event.data.release, 'failed');
    case 'release.superseded':
      return decide(event.data.release, 'superseded');
    default:
      return null;
  }
}

function decide(release: number | null | undefined, outcome: DecidedOutcome['outcome']): DecidedOutcome | null {
  return typeof release === 'number' ? { release, outcome } : null;
}

/**
 * The outcomes after `events` (oldest first), by release number; the newest event of a release decides. Releases that
 * are still undecided are not in it.
 *
 * @param before outcomes that events before these decided.
 */
export function outcomesOf(
  events: readonly Told[],
  before: ReadonlyMap<number, ReleaseOutcome> = new Map(),
): ReadonlyMap<number, ReleaseOutcome> {
  const outcomes = new Map(before);
  for (const event of events) {
    const decided = outcomeOf(event);
    if (decided !== null) outcomes.set(decided.release, decided.outcome);
  }
  return outcomes;
}

export type ReleaseStanding = 'incoming' | 'live' | 'warm' | 'failed' | 'retired';

export function standingOf(
  release: Release,
  deployment: Deployment | null,
  outcomes: ReadonlyMap<number, ReleaseOutcome>,
): ReleaseStanding {
  if (deployment?.live === release.number) return 'live';
  if (deployment?.incoming === release.number) return 'incoming';
  if (deployment?.previous?.release === release.number) return 'warm';
  return outcomes.get(release.number) === 'failed' ? 'failed' : 'retired';
}

/** A pair has proven itself when some release of it carried traffic in this environment. */
export function isProvenPair(
  pair: Digest,
  releases: readonly Release[],
  outcomes: ReadonlyMap<number, ReleaseOutcome>,
): boolean {
  return releases.some((release) => release.pair === pair && outcomes.get(release.number) === 'was-live');
}
