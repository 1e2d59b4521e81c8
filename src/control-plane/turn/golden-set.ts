import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import type { GoldenSet } from '../../core/monitoring/golden.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import { goldenSetSchema } from '../../schemas/artifact/golden-set.ts';

/** @throws PlimsollError as `Blobs.read`; `golden-invalid` (corrupt) when the blob is no golden set. */
export async function readGoldenSet(blobs: Blobs, blob: Digest, signal?: AbortSignal): Promise<GoldenSet> {
  const bytes = await blobs.read(blob, signal);
  try {
    return goldenSetSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new PlimsollError({
      code: 'golden-invalid',
      category: 'corrupt',
      message: `the blob ${shortDigest(blob)} is no golden set`,
      next: nextStep(controlPlaneSteps, 'golden-invalid'),
      details: { blob },
      cause,
    });
  }
}
