import type { Ask } from '../../core/monitoring/asked/ask.ts';
import type { LabelMemory } from '../../core/monitoring/labels/label-memory.ts';
import type { LabelledPrediction } from '../../core/monitoring/labels/label-state.ts';
import type { StoredLabel } from '../../core/monitoring/labels/receive-labels.ts';

/** Predictions that wait for their labels, and labels that wait for their predictions. */
export interface LabelReader {
  /** Each with its label, in the order in which they were added: those after `afterSeq`, `limit` at most. */
  predictions(
    service: string,
    environment: string,
    afterSeq: number,
    limit: number,
  ): Promise<readonly LabelledPrediction[]>;
  /** In no order; request ids that are not known are left out. */
  predictionsOf(
    service: string,
    environment: string,
    requestIds: readonly string[],
  ): Promise<readonly LabelledPrediction[]>;
  labelsOf(service: string, environment: string, requestIds: readonly string[]): Promise<readonly StoredLabel[]>;
  /** How many are recorded. */
  predictionCount(service: string, environment: string): Promise<number>;
  /** Of the predictions after `afterSeq`: how many there are, and how many of them have a label. */
  openPredictions(
    service: string,
    environment: string,
    afterSeq: number,
  ): Promise<{ readonly predictions: number; readonly labelled: number }>;
  /** Labels without a prediction. */
  waitingLabels(service: string, environment: string): Promise<number>;
  /** Null where there is no ask of this id. */
  labelAsk(service: string, environment: string, askId: string): Promise<Ask | null>;
  /** The last one; null where nobody asked, or only long ago. */
  lastLabelAsk(service: string, environment: string): Promise<Ask | null>;
  /** Those that are not judged yet, oldest first. */
  openLabelAsks(service: string, environment: string, limit: number): Promise<readonly Ask[]>;
  /** Null before the first. */
  labelMemory(service: string, environment: string): Promise<LabelMemory | null>;
}

export interface LabelWriter {
  /** A request id that is there keeps its first prediction. @returns how many are new. */
  addPredictions(
    service: string,
    environment: string,
    predictions: readonly NewPrediction[],
    recordedAtMs: number,
  ): Promise<number>;
  /** A request id that is there keeps its first label. */
  addLabels(service: string, environment: string, labels: readonly StoredLabel[], arrivedAtMs: number): Promise<void>;
  /** Forgets what was recorded before `beforeMs`, and labels without a prediction before `waitingBeforeMs`; says how many of these. */
  forgetLabels(service: string, environment: string, beforeMs: number, waitingBeforeMs: number): Promise<number>;
  /** An ask id that is there keeps its first ask. */
  addLabelAsk(service: string, environment: string, ask: Ask): Promise<void>;
  setLabelAskJudged(service: string, environment: string, askId: string): Promise<void>;
  /** Forgets judged asks from before `beforeMs`. */
  forgetLabelAsks(service: string, environment: string, beforeMs: number): Promise<void>;
  setLabelMemory(service: string, environment: string, memory: LabelMemory): Promise<void>;
}

export type NewPrediction = Omit<LabelledPrediction, 'seq' | 'truth' | 'labelledAtMs'>;
