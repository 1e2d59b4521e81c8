import type { StoredEvent } from '../../../src/core/records/event.ts';
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
  const event = history.find((each) => isAbout(each, release) && ends.has(each.kind));
  if (event === undefined) return null;
  const aborted = history.some((each) => each.kind === 'rollout.aborted' && isAbout(each, release));
  const kind = event.kind.slice('release.'.length) as 'live' | 'failed' | 'superseded';
  return {
    kind: kind === 'failed' && aborted ? 'aborted' : kind,
    judged: event.data['judged'] === true,
    atMs: event.atMs,
    by: event.by,
    reason: reasonOf(event),
  };
}

const ends = new Set(['release.live', 'release.failed', 'release.superseded']);

export function isAbout({ data }: StoredEvent, release: number): boolean {
  return data['release'] === release || data['number'] === release;
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
  const left = history.find(({ kind, data }) => kind === 'release.live' && data['left'] === release.number);
  const successor = releases.find(({ number }) => number === left?.data['release']);
  if (left === undefined) return null;
  const { atMs } = left;
  const to = `left for release ${String(left.data['release'])}`;
  if (successor === undefined) return { glyph: 'pass', text: to, atMs, by: left.by };
  const { cause, createdBy } = successor;
  const back = cause !== 'release';
  return { glyph: back ? 'fail' : 'pass', text: back ? `${to}, a ${cause}` : to, atMs, by: createdBy };
}

function wordsOf({ kind, judged }: Ending, reason: string): string {
  if (kind === 'superseded') return `superseded: ${reason}`;
  if (kind === 'aborted') return reason.startsWith('aborted') ? reason : `aborted: ${reason}`;
  return judged ? `taken back by the judge: ${reason}` : `failed: ${reason}`;
}

/** What is in the data; for events without it, the sentence that people read. */
function reasonOf({ data, summary }: StoredEvent): string {
  return typeof data['reason'] === 'string' ? data['reason'] : summary;
}
