import { kindsOf, kindTable } from '../../core/evidence/kinds/table.ts';
import type { EvidenceKind, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { digestOfMeasured, type EvidenceSighting } from '../../core/evidence/sighting.ts';
import { jobText, readJobSighting } from '../../core/trust/ci/ci-job.ts';

/** Returns who was the first to send each kind of evidence, and the CI job that sent it, for people. */
export function nameSenders(
  locked: LockedEnvironment | null,
  sightings: readonly EvidenceSighting[],
): Readonly<Partial<Record<EvidenceKind, string>>> {
  const firstBy = new Map(sightings.map(({ digest, by }) => [digest, by]));
  const named = kindsOf(kindTable).flatMap((kind) => {
    const measured = locked?.evidence[kind];
    if (measured === undefined) return [];
    const digest = digestOfMeasured(measured);
    const first = firstBy.get(digest);
    if (first === undefined) return [];
    const [job] = sightings.flatMap((one) => readJobSighting(digest, one) ?? []);
    return [[kind, job === undefined ? first : `${first}, ${jobText(job)}`]];
  });
  return Object.fromEntries(named) as Readonly<Partial<Record<EvidenceKind, string>>>;
}
