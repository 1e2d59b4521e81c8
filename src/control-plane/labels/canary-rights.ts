import type { LabelledPrediction } from '../../core/monitoring/labels/label-state.ts';
import type { LabelsRequest } from '../../schemas/http/monitoring/http-labels.ts';
import type { StepLabelsOf } from '../signals/canary-inbox.ts';

/**
 * Which answers were right, by the release that answered, for the judge of a step. The release is the one that the request
 * names, else that of the recorded prediction; a label without `right` is compared with the prediction. What cannot be told
 * is left out.
 */
export function rightsByRelease(
  { release, labels }: LabelsRequest,
  predictions: readonly LabelledPrediction[],
): readonly StepLabelsOf[] {
  const known = new Map(predictions.map((prediction) => [prediction.requestId, prediction]));
  const found = new Map<number, { requestId: string; right: boolean }[]>();
  for (const { requestId, right, label } of labels) {
    const prediction = known.get(requestId);
    const of = release ?? prediction?.release;
    const isRight = right ?? (prediction === undefined ? undefined : String(prediction.prediction) === String(label));
    if (of === undefined || isRight === undefined) continue;
    const list = found.get(of) ?? [];
    list.push({ requestId, right: isRight });
    found.set(of, list);
  }
  return [...found].map(([of, list]) => ({ release: of, labels: list }));
}
