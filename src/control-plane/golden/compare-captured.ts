import { compareGoldenCase, describeOffence } from '../../core/monitoring/golden-comparison.ts';
import type { GoldenTensor, GoldenTolerance } from '../../core/monitoring/golden.ts';
import type { PairAnswer } from '../../core/monitoring/replay/compare-pairs.ts';
import type { DriftSample } from '../../core/monitoring/samples/drift-sample.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import { goldenTensorOf } from '../../protocols/open-inference/golden-tensor.ts';
import { parseInferRequest } from '../../protocols/open-inference/infer-request.ts';
import type { ReplicaWay } from './replay-path.ts';

export interface CapturedInput {
  readonly requestId: string;
  readonly inputs: readonly GoldenTensor[];
  /** In one form, so that the same input twice is seen. */
  readonly form: string;
}

/** The inputs of a captured request; null where its content is not kept, was redacted away, or is binary. */
export function readCaptured({ requestId, content }: DriftSample): CapturedInput | null {
  if (content === undefined || content.request === '') return null;
  try {
    const inputs = parseInferRequest(Buffer.from(content.request), null).inputs.map(goldenTensorOf);
    return inputs.length === 0 ? null : { requestId, inputs, form: JSON.stringify(inputs) };
  } catch {
    return null;
  }
}

/** Asks each way in turn. @throws PlimsollError of the last one. */
async function askFirst(
  ways: readonly ReplicaWay[],
  model: string,
  inputs: readonly GoldenTensor[],
  signal: AbortSignal,
): Promise<readonly GoldenTensor[]> {
  let problem: unknown = new Error('no way leads to the replica');
  for (const { client, endpoint } of ways) {
    try {
      return await client.infer(endpoint, model, inputs, signal);
    } catch (thrown) {
      problem = thrown;
      if (asPlimsollError(thrown).category === 'refused') break;
    }
  }
  throw problem;
}

/**
 * Sends one captured input to two replicas, and compares their answers inside the golden bands. Null where one of them gave
 * none: that says nothing of the outputs. Both refusing it is agreement of a kind that is not counted either.
 */
export async function compareCaptured(
  { requestId, inputs, form }: CapturedInput,
  [a, b]: readonly [readonly ReplicaWay[], readonly ReplicaWay[]],
  model: string,
  tolerance: GoldenTolerance,
  signal: AbortSignal,
): Promise<PairAnswer | null> {
  try {
    const [one, other] = await Promise.all([askFirst(a, model, inputs, signal), askFirst(b, model, inputs, signal)]);
    const { offence } = compareGoldenCase({ id: requestId, inputs, outputs: one }, other, tolerance);
    return { input: form, difference: offence === null ? null : describeOffence(offence) };
  } catch {
    return null;
  }
}
