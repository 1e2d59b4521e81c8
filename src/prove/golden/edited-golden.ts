import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Contract } from '../../core/contract/contract.ts';
import type { Lock } from '../../core/evidence/lock/lock.ts';
import { goldenFile } from '../../core/rollout/names.ts';
import { digestOfBytes } from '../../core/units/digest.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { readIfFile } from '../files/source-file.ts';

/**
 * Looks whether the golden file in git is one that the lock records. Environments of one model share the file, so that it may be
 * the one of another environment. A file that is not there, or that nothing records, says nothing.
 * @throws PlimsollError `golden-edited` (input).
 */
export async function requireRecordedGolden(
  folder: string,
  { monitoring }: Contract,
  lock: Lock | null,
  environment: string,
): Promise<void> {
  const dataName = monitoring?.golden;
  const golden = lock?.environments[environment]?.evidence.golden;
  const model = golden?.subjects['model'];
  const recorded = golden?.measurements['goldenBlob'];
  if (lock === null || dataName === undefined || model === undefined || typeof recorded !== 'string') return;
  const file = goldenFile(dataName, model);
  const bytes = await readIfFile(path.join(folder, file));
  if (bytes === null) return;
  const found = digestOfBytes(bytes);
  const isRecorded = Object.values(lock.environments).some(
    ({ evidence }) =>
      evidence.golden?.subjects['model'] === model && evidence.golden.measurements['goldenBlob'] === found,
  );
  if (isRecorded) return;
  throw new PlimsollError({
    code: 'golden-edited',
    category: 'input',
    message: `${file} is not what was recorded: plimsoll.lock names ${recorded}, and the file is ${found}`,
    next: nextStep(proveSteps, 'golden-edited', { file }),
    details: { file, recorded, found },
  });
}

/** The same as problems beside others. */
export async function editedGolden(
  ...asked: Parameters<typeof requireRecordedGolden>
): Promise<readonly PlimsollError[]> {
  return requireRecordedGolden(...asked).then(
    () => [],
    (thrown: unknown) => [asPlimsollError(thrown)],
  );
}
