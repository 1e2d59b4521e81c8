import type { Digest } from '../units/digest.ts';
import type { Deployment, Release } from './release.ts';

/**
 * What became of a release, told from the events that the rollout recorded (`release.live`, `release.failed`,
 * `release.superseded`): a release itself never changes.
 */
export type ReleaseOutcome = 'undecided' | 'was-live' | 'failed' | 'superseded';

export interface OutcomeEvent {
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export function outcomesOf(events: readonly OutcomeEvent[]): ReadonlyMap<number, ReleaseOutcome> {
  const outcomes = new Map<number, ReleaseOutcome>();
  for (const event of events) {
    const number = event.data['release'];
    if (typeof number !== 'number') continue;
    if (event.kind === 'release.live') outcomes.set(number, 'was-live');
    if (event.kind === 'release.failed') outcomes.set(number, 'failed');
    if (event.kind === 'release.superseded') outcomes.set(number, 'superseded');
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
