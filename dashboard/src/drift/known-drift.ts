import type { DriftHistory } from '../../../src/core/monitoring/watch/inputs/feature-history.ts';
import type { DriftAnswer, DriftHistoryAnswer } from '../../../src/schemas/http/monitoring/http-drift.ts';
import type { LabelsStatus } from '../../../src/schemas/http/monitoring/http-labels.ts';

/** What the page knows of the watch of live answers. */
export interface KnownDrift {
  readonly answer: DriftAnswer;
  /** Null where nothing was captured, or it could not be read. */
  readonly history: DriftHistory | null;
  readonly labels: LabelsStatus | null;
}

/** Windows that are shown first; all that are kept are the other choice. */
export const fewWindows = 120;
export const allWindows = 2_000;

/** It moves with the traffic, and no stream tells it: asked for again after so long, and when an event of it came. */
export const askDriftAgainMs = 10_000;

/** @throws what `ask` throws where the watch cannot be read; history and labels that cannot be read are null. */
export async function readDrift(ask: <T>(path: string) => Promise<T>, windows: number): Promise<KnownDrift> {
  const answer = await ask<DriftAnswer>('v1/drift');
  if (answer.status === null) return { answer, history: null, labels: null };
  const [history, labels] = await Promise.all([
    ask<DriftHistoryAnswer>(`v1/drift/history?last=${windows}`).then((told) => told.history, nothing),
    ask<LabelsStatus>('v1/labels').catch(nothing),
  ]);
  return { answer, history, labels };
}

const nothing = (): null => null;
