import { evidenceKinds, kindTable } from '../evidence/kinds/table.ts';
import type { KindRow } from '../evidence/kinds/kind-row.ts';
import type { Invalidation } from '../evidence/lock/lock.ts';
import type { Release } from './release.ts';

const judgedLive = new Set(evidenceKinds.filter((kind) => (kindTable[kind] as KindRow).judgedLive === true));

/**
 * What is stale of the evidence that a release went out on, in words; none when all of it still stands. A rollback to it is
 * never held up by that, and whoever asks for one is told. No release goes out on what is judged while it is live.
 */
export function staleEvidenceOf(
  release: Pick<Release, 'createdAtMs' | 'waivers' | 'golden'>,
  invalidations: readonly Invalidation[],
  nowMs: number,
): readonly string[] {
  const ended = invalidations
    .filter(({ kind, atMs }) => atMs > release.createdAtMs && !judgedLive.has(kind))
    .map(({ kind, reason }) => `${kind}: ${reason}`);
  const waived = release.waivers.map(
    ({ kind, untilMs }) => `${kind}: it was waived${untilMs > nowMs ? '' : ', and the waiver is over'}`,
  );
  const golden = release.golden === null && !release.waivers.some(({ kind }) => kind === 'golden');
  return [...new Set([...ended, ...waived, ...(golden ? ['golden: there are no recorded outputs'] : [])])];
}
