import type { EvaluationMeasurements } from '../core/evaluation/measurements.ts';
import { bindSubjects } from '../core/evidence/subjects.ts';
import type { Evidence, LockedEnvironment } from '../core/evidence/lock.ts';
import { canonicalJson } from '../core/units/digest.ts';
import { PlimsollError } from '../core/units/errors.ts';
import type { Project } from '../ports/project.ts';
import type { CliContext } from './context.ts';

/**
 * Writes evaluation evidence into the lock as it is now: other evidence that was recorded meanwhile stays.
 * @throws PlimsollError `lock-moved` (conflict) when it pins something else than what was evaluated.
 */
export async function recordEvaluation(
  context: Pick<CliContext, 'clock' | 'user' | 'version'>,
  project: Project,
  environment: string,
  evaluated: LockedEnvironment,
  measurements: EvaluationMeasurements,
): Promise<void> {
  const lock = await project.lock();
  const locked = lock?.environments[environment];
  if (lock === null || locked === undefined || pins(locked) !== pins(evaluated)) throw lockMoved();
  const evidence: Evidence = {
    kind: 'evaluation',
    subjects: bindSubjects('evaluation', await project.presentSubjects(environment)),
    measurements: { ...measurements },
    measuredAtMs: context.clock.nowMs(),
    by: context.user,
    plimsollVersion: context.version,
  };
  const written = { ...locked, evidence: { ...locked.evidence, evaluation: evidence } };
  await project.writeLock({ ...lock, environments: { ...lock.environments, [environment]: written } });
}

const pins = ({ evidence: _, ...rest }: LockedEnvironment): string => canonicalJson(rest);

function lockMoved(): PlimsollError {
  return new PlimsollError({
    code: 'lock-moved',
    category: 'conflict',
    message:
      'plimsoll.lock was pinned anew while this evaluation ran, so that it is of something else; nothing was recorded',
    next: 'plimsoll evaluate',
  });
}
