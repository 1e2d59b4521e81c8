import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import {
  addToTally,
  emptyLabelMemory,
  predictionsAtMost,
  waitingLabelsAtMost,
} from '../../core/monitoring/labels/label-memory.ts';
import type { LabelledPrediction } from '../../core/monitoring/labels/label-state.ts';
import {
  isRequestId,
  sortLabels,
  type LabelsReceived,
  type ReceivedLabel,
} from '../../core/monitoring/labels/receive-labels.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { NewPrediction } from '../../ports/records/label-records.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import { labelsAtOnce, type SentLabel } from '../../schemas/http/monitoring/http-labels.ts';
import type { ServiceScope } from '../service/service-scope.ts';

const predictionTextAtMost = 16_384;

/**
 * Records what captured requests were answered with, so that labels find it. A request id that is there already keeps its
 * first prediction. Where as many as possible are recorded, the newest are dropped and counted.
 *
 * @param nowMs a prediction of a clock that is ahead counts as of now.
 * @returns how many are new.
 */
export async function recordPredictions(
  tx: StoreWriter,
  { service, environment }: ServiceScope,
  rows: readonly NewPrediction[],
  nowMs: number,
): Promise<number> {
  const usable = rows
    .filter(isUsable)
    .map((row) => ({ ...row, atMs: Math.min(row.atMs, nowMs), prediction: storedPrediction(row.prediction) }));
  const room = predictionsAtMost - (await tx.predictionCount(service, environment));
  const taken = usable.slice(0, Math.max(0, room));
  const added = taken.length === 0 ? 0 : await tx.addPredictions(service, environment, taken, nowMs);
  const droppedPredictions = rows.length - taken.length;
  if (droppedPredictions > 0) {
    const memory = (await tx.labelMemory(service, environment)) ?? emptyLabelMemory;
    await tx.setLabelMemory(service, environment, addToTally(memory, { droppedPredictions }));
  }
  return added;
}

function isUsable({ requestId, prediction }: NewPrediction): boolean {
  const isText = typeof prediction === 'string';
  return isRequestId(requestId) && !(isText && prediction.length > predictionTextAtMost);
}

/** JSON has no NaN. As a text it is right for no label. */
const storedPrediction = (prediction: string | number): string | number =>
  typeof prediction === 'number' && !Number.isFinite(prediction) ? String(prediction) : prediction;

/**
 * Records labels of one service in one transaction: sent again, they are repeated and change nothing.
 *
 * @returns what became of them, and the predictions that they are of.
 * @throws PlimsollError `too-many-labels` (input).
 */
export async function recordLabels(
  tx: StoreWriter,
  { service, environment }: ServiceScope,
  sent: readonly SentLabel[],
  nowMs: number,
): Promise<{ readonly answer: LabelsReceived; readonly predictions: readonly LabelledPrediction[] }> {
  refuseTooMany(sent.length);
  const received = sent.map(readLabel);
  const ids = [...new Set(received.map(({ requestId }) => requestId))];
  const predictions = await tx.predictionsOf(service, environment, ids);
  const known = {
    labels: await tx.labelsOf(service, environment, ids),
    predicted: new Set(predictions.map(({ requestId }) => requestId)),
    room: waitingLabelsAtMost - (await tx.waitingLabels(service, environment)),
  };
  const { fresh, answer } = sortLabels(received, known, nowMs);
  if (fresh.length > 0) await tx.addLabels(service, environment, fresh, nowMs);
  const memory = (await tx.labelMemory(service, environment)) ?? emptyLabelMemory;
  await tx.setLabelMemory(service, environment, addToTally(memory, answer.tally));
  return { answer, predictions };
}

function readLabel({ requestId, right, label, atMs }: SentLabel): ReceivedLabel {
  return { requestId, truth: label === undefined ? { right: right ?? false } : { label }, atMs: atMs ?? null };
}

export function refuseTooMany(labels: number): void {
  if (labels <= labelsAtOnce) return;
  throw new PlimsollError({
    code: 'too-many-labels',
    category: 'input',
    message: `${labels} labels at once; at most ${labelsAtOnce} are taken`,
    next: nextStep(controlPlaneSteps, 'too-many-labels'),
    details: { labels, atMost: labelsAtOnce },
  });
}
