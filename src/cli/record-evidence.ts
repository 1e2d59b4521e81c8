import { bindSubjects } from '../core/evidence/subjects.ts';
import type { Evidence, EvidenceKind, LockedEnvironment } from '../core/evidence/lock.ts';
import { canonicalJson } from '../core/units/digest.ts';
import { PlimsollError } from '../core/units/errors.ts';
import type { Project } from '../ports/project.ts';
import type { CliContext } from './context.ts';

/**
 * Writes evidence into the lock as it is now: other evidence that was recorded meanwhile stays.
 * @param measured what the lock pinned when measuring began.
 * @param command what measures it again.
 * @throws PlimsollError `lock-moved` (conflict) when the lock pins something else now than what was measured.
 */
export async function recordEvidence(
  context: Pick<CliContext, 'clock' | 'user' | 'version'>,
  project: Project,
  environment: string,
  measured: LockedEnvironment,
  { kind, measurements, command }: Pick<Evidence, 'kind' | 'measurements'> & { readonly command: string },
): Promise<void> {
  const lock = await project.lock();
  const locked = lock?.environments[environment];
  if (lock === null || locked === undefined || pins(locked) !== pins(measured)) throw lockMoved(kind, command);
  const evidence: Evidence = {
    kind,
    subjects: bindSubjects(kind, await project.presentSubjects(environment)),
    measurements,
    measuredAtMs: context.clock.nowMs(),
    by: context.user,
    plimsollVersion: context.version,
  };
  const written = { ...locked, evidence: { ...locked.evidence, [kind]: evidence } };
  await project.writeLock({ ...lock, environments: { ...lock.environments, [environment]: written } });
}

const pins = ({ evidence: _, ...rest }: LockedEnvironment): string => canonicalJson(rest);

function lockMoved(kind: EvidenceKind, command: string): PlimsollError {
  return new PlimsollError({
    code: 'lock-moved',
    category: 'conflict',
    message: `plimsoll.lock was pinned anew while the ${kind} evidence was measured, so that it is of something else; nothing was recorded`,
    next: command,
  });
}
