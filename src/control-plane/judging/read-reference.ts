import { bundledFile, type Bundle } from '../../core/bundle/bundle.ts';
import { featuresVersion, type ReferenceSummary } from '../../core/monitoring/features/reference.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import { mostReferenceBytes, referenceSummarySchema } from '../../schemas/artifact/reference-summary.ts';
import type { OpenedBundle } from './bundle-shelf.ts';

/**
 * The features of the rows that the evaluation of a bundle was of; null where they are not known: `plimsoll evaluate`
 * measures them. They are not known where evidence is missing or of an earlier version, where its blob is gone or is none,
 * and where this version computes features in another way.
 */
export async function readReference(
  blobs: Blobs,
  { bundle, lock }: Pick<OpenedBundle, 'bundle' | 'lock'>,
): Promise<ReferenceSummary | null> {
  const file = bundledFile(bundle, 'reference');
  if (file === null || file.bytes > mostReferenceBytes || file.digest !== recordedIn({ bundle, lock })) return null;
  const bytes = await blobs.read(file.digest).catch(() => null);
  const summary = bytes === null ? null : parseSummary(bytes);
  return summary?.featuresVersion === featuresVersion ? summary : null;
}

function recordedIn({ bundle, lock }: { readonly bundle: Bundle; readonly lock: OpenedBundle['lock'] }): unknown {
  const evaluation = lock.environments[bundle.environment]?.evidence.evaluation;
  // Evidence of another model is stale, and so are its rows.
  return evaluation?.subjects['model'] === bundle.model.digest ? evaluation.measurements['reference'] : undefined;
}

function parseSummary(bytes: Uint8Array): ReferenceSummary | null {
  try {
    return referenceSummarySchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}
