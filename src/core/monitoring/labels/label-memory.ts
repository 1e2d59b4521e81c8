import type { LabelState } from './label-state.ts';

/** What became of labels and predictions that are judged by nothing. Plain JSON. */
export interface LabelTally {
  readonly recorded: number;
  readonly repeated: number;
  /** A second label that says something else: the first stands. */
  readonly contradicted: number;
  readonly future: number;
  /** No prediction of the request id came within an hour of the label, or too many labels waited for one. */
  readonly unknown: number;
  /** Predictions that were not recorded because as many as possible already were. */
  readonly droppedPredictions: number;
}

/** All that a service remembers of its labels, beside the records themselves. */
export interface LabelMemory {
  readonly labelsVersion: 1;
  readonly tally: LabelTally;
  /** Null before the first judgement. */
  readonly state: LabelState | null;
}

export const emptyLabelMemory: LabelMemory = {
  labelsVersion: 1,
  tally: { recorded: 0, repeated: 0, contradicted: 0, future: 0, unknown: 0, droppedPredictions: 0 },
  state: null,
};

export function addToTally(memory: LabelMemory, more: Partial<LabelTally>): LabelMemory {
  const keys = Object.keys(memory.tally) as (keyof LabelTally)[];
  const tally = Object.fromEntries(keys.map((key) => [key, memory.tally[key] + (more[key] ?? 0)]));
  return { ...memory, tally: tally as unknown as LabelTally };
}

/** Predictions of one service and environment that are recorded at once. */
export const predictionsAtMost = 200_000;
/** Labels that wait for a prediction. */
export const waitingLabelsAtMost = 200_000;
/** A capture reaches the control plane within this time, or its labels are of unknown requests. */
export const waitingForPredictionMs = 3_600_000;
/** Predictions and labels stay this long after they were judged. */
export const keptAfterMaturityMs = 86_400_000;
