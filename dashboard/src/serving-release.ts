import type { ReleaseSummary } from '../../src/schemas/view.ts';

/**
 * The release that a replica serves now. It was started for one, and serves every later one of the same pair: a
 * rollback to a warm pair starts nothing. Null when the release is not among those listed.
 */
export function servingRelease(startedFor: number, newestFirst: readonly ReleaseSummary[]): ReleaseSummary | null {
  const origin = newestFirst.find((release) => release.number === startedFor);
  if (origin === undefined) return null;
  const same = newestFirst.filter(
    (release) => release.code.digest === origin.code.digest && release.model.digest === origin.model.digest,
  );
  return same.find((release) => release.state === 'live') ?? same[0] ?? origin;
}
