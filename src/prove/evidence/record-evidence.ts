import { bindSubjects, type SubjectDigests } from '../../core/evidence/subjects.ts';
import type { Evidence, EvidenceKind, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { renewCommand } from '../../core/evidence/renewal.ts';
import { canonicalJson } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Project } from '../../ports/project/project.ts';
import type { ProvingPorts } from '../ports.ts';

/**
 * Writes evidence into the lock as it is now: other evidence that was recorded meanwhile stays.
 * @param pinned what the lock pinned when the measuring began.
 * @param known subjects that only who measured knows, because the lock does not name them yet.
 * @throws PlimsollError `lock-moved` (conflict) when it pins something else than what was measured.
 */
export async function recordEvidence(
  context: Pick<ProvingPorts, 'clock' | 'user' | 'version'>,
  project: Project,
  environment: string,
  pinned: LockedEnvironment,
  { kind, measurements }: { readonly kind: EvidenceKind; readonly measurements: object },
  known: SubjectDigests = {},
): Promise<void> {
  const lock = await project.lock();
  const locked = lock?.environments[environment];
  if (lock === null || locked === undefined || pins(locked) !== pins(pinned)) throw lockMoved(kind);
  const evidence: Evidence = {
    kind,
    subjects: bindSubjects(kind, { ...(await project.presentSubjects(environment)), ...known }),
    measurements: { ...measurements },
    measuredAtMs: context.clock.nowMs(),
    by: context.user,
    plimsollVersion: context.version,
  };
  const written = { ...locked, evidence: { ...locked.evidence, [kind]: evidence } };
  await project.writeLock({ ...lock, environments: { ...lock.environments, [environment]: written } });
}

const pins = ({ evidence: _, ...rest }: LockedEnvironment): string => canonicalJson(rest);

function lockMoved(kind: EvidenceKind): PlimsollError {
  return new PlimsollError({
    code: 'lock-moved',
    category: 'conflict',
    message: `plimsoll.lock was pinned anew meanwhile, so that this ${kind} evidence is of something else; nothing was recorded`,
    next: renewCommand(kind),
  });
}
