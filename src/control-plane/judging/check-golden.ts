import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { bundledFile } from '../../core/bundle/bundle.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import { readGoldenSet } from '../turn/golden-set.ts';
import type { PinnedBundle } from './check-bundle.ts';

/**
 * Golden outputs that are said to be of the model must be, and what the lock says of them must be so. Of another model
 * they are stale, which the judge says.
 * @throws PlimsollError `golden-of-another-model`, `golden-of-another` (refused), and as `readGoldenSet` for what is no
 *   golden set.
 */
export async function requireOwnGolden(
  blobs: Blobs,
  { opened: { bundle, loaded }, locked }: PinnedBundle,
): Promise<void> {
  const file = bundledFile(bundle, 'golden');
  const { golden: evidence } = locked.evidence;
  const { digest } = bundle.model;
  if (file === null || evidence?.subjects['model'] !== digest) return;
  const golden = await readGoldenSet(blobs, file.digest);
  if (golden.modelDigest !== digest) throw ofAnotherModel(file.digest, golden.modelDigest, digest);
  // Other outputs than those that the lock names are stale, which the judge says too.
  if (evidence.measurements['goldenBlob'] !== file.digest) return;
  const claims = [
    ['data', loaded.contract.monitoring?.golden, golden.dataName],
    ['digest of the data', evidence.subjects['golden-set'], golden.dataDigest],
    ['cases', evidence.measurements['cases'], golden.cases.length],
  ] as const;
  for (const [what, said, found] of claims) if (said !== found) throw ofAnotherSet(file.digest, what, said, found);
}

function ofAnotherModel(set: Digest, recorded: Digest, model: Digest): PlimsollError {
  return new PlimsollError({
    code: 'golden-of-another-model',
    category: 'refused',
    message: `the golden set ${shortDigest(set)} was recorded for model ${shortDigest(recorded)}, and ${shortDigest(model)} is being released`,
    next: nextStep(controlPlaneSteps, 'golden-of-another-model'),
    details: { golden: recorded, model },
  });
}

function ofAnotherSet(set: Digest, what: string, said: unknown, found: string | number): PlimsollError {
  return new PlimsollError({
    code: 'golden-of-another',
    category: 'refused',
    message: `the lock does not say what is in the golden set ${shortDigest(set)}: ${what}: ${String(said)} -> ${found}`,
    next: nextStep(controlPlaneSteps, 'golden-of-another'),
    details: { golden: set, what, said, found },
  });
}
