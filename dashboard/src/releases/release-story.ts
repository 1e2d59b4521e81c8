import type { EventOf, StoredEvent } from '../../../src/core/records/event.ts';
import type { ReleaseSummary } from '../../../src/schemas/view/view.ts';

/**
 * | kind | meaning |
 * |---|---|
 * | live | all traffic went to it |
 * | aborted | somebody took it back |
 * | failed | it did not start, did not reproduce its golden set, or the judge took it back |
 * | superseded | another release came before it was in |
 */
export interface Ending {
  readonly kind: 'live' | 'aborted' | 'failed' | 'superseded';
  /** True where the judge of a step decided. */
  readonly judged: boolean;
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
}

/** What became of a release on its way in; null while that is open, or when no event of it is kept. */
export function endingOf(release: number, history: readonly StoredEvent[]): Ending | null {
  const told = history.filter((each) => isAbout(each, release));
  for (const event of told) {
    const { atMs, by, summary } = event;
    switch (event.kind) {
      case 'release.live':
        return { kind: 'live', judged: false, atMs, by, reason: event.data.reason ?? summary };
      case 'release.superseded':
        return { kind: 'superseded', judged: false, atMs, by, reason: summary };
      case 'release.failed': {
        const { judged = false, reason = summary, aborted } = event.data;
        // Earlier versions told it by an event beside this one alone.
        const wasAborted = aborted !== undefined || told.some(({ kind }) => kind === 'rollout.aborted');
        return { kind: wasAborted ? 'aborted' : 'failed', judged, atMs, by, reason };
      }
      default:
    }
  }
  return null;
}

export function isAbout({ data }: StoredEvent, release: number): boolean {
  return data['release'] === release;
}

/** What a release has behind it, for its row in the list. */
export interface Fate {
  readonly glyph: 'pass' | 'fail' | 'unknown';
  readonly text: string;
  readonly atMs: number;
  readonly by: string;
}

/**
 * Why a release ended: what took it back on its way in, or which release came in its place and why. Null while it lives or
 * comes in, and where the events of it are no longer kept.
 */
export function fateOf(
  release: ReleaseSummary,
  releases: readonly ReleaseSummary[],
  history: readonly StoredEvent[],
): Fate | null {
  if (release.state === 'incoming' || release.state === 'live') return null;
  const ending = endingOf(release.number, history);
  if (ending !== null && ending.kind !== 'live') {
    const { atMs, by, reason } = ending;
    return { glyph: ending.kind === 'superseded' ? 'unknown' : 'fail', text: wordsOf(ending, reason), atMs, by };
  }
  const left = history.find(
    (event): event is EventOf<'release.live'> => event.kind === 'release.live' && event.data.left === release.number,
  );
  if (left === undefined) return null;
  const { atMs } = left;
  const successor = releases.find(({ number }) => number === left.data.release);
  const to = `left for release ${left.data.release}`;
  if (successor === undefined) return { glyph: 'pass', text: to, atMs, by: left.by };
  const { cause, createdBy } = successor;
  const back = cause !== 'release';
  return { glyph: back ? 'fail' : 'pass', text: back ? `${to}, a ${cause}` : to, atMs, by: createdBy };
}

function wordsOf({ kind, judged }: Ending, reason: string): string {
  if (kind === 'superseded') return `superseded: ${reason}`;
  // Its reason names who took it back.
  if (kind === 'aborted') return reason;
  return judged ? `taken back by the judge: ${reason}` : `failed: ${reason}`;
}
