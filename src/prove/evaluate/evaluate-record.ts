import path from 'node:path';
import type { EvaluationMeasurements } from '../../core/evaluation/measure/measurements.ts';
import type { FeatureSources } from '../../core/evidence/features/feature-view.ts';
import type { Measuring } from '../evidence/measuring.ts';
import { recordEvidence } from '../evidence/record-evidence.ts';
import type { ProvingPorts } from '../ports.ts';
import { referenceBytes, summarizeReference, type ReferenceQuestion } from './evaluate-reference.ts';

type RecordContext = Pick<ProvingPorts, 'blobs' | 'clock' | 'signal' | 'user' | 'version' | 'writeDurably'>;

/**
 * Writes evaluation evidence, and the features of its rows as a blob and as `file` of the project. Evidence says which blob
 * it is, so that a release carries them to who watches live requests.
 * @throws PlimsollError `row-unfit`, and as `recordEvidence`.
 */
export async function recordEvaluation(
  context: RecordContext,
  measuring: Measuring,
  measurements: EvaluationMeasurements,
  question: ReferenceQuestion,
  file: string,
): Promise<void> {
  const bytes = referenceBytes(await summarizeReference(question));
  const { digest } = await (await context.blobs()).put(bytes, { signal: context.signal });
  const location = path.join(measuring.project.folder, file);
  await recordEvidence(context, measuring, {
    kind: 'evaluation',
    measurements: { ...measurements, reference: digest, ...measuredFeatures(measuring) },
    writeFiles: () => context.writeDurably(location, bytes, { doing: 'writing the features of the evaluated rows' }),
  });
}

/** Digests tell that features moved; this tells what moved. */
function measuredFeatures({ features }: Measuring): { readonly featureSources?: FeatureSources } {
  const count = Object.keys(features.files).length + Object.keys(features.views).length;
  return count === 0 ? {} : { featureSources: features };
}
