import type { Ask } from '../../../../core/monitoring/asked/ask.ts';
import type { LabelMemory } from '../../../../core/monitoring/labels/label-memory.ts';
import type { LabelledPrediction } from '../../../../core/monitoring/labels/label-state.ts';
import type { StoredLabel } from '../../../../core/monitoring/labels/receive-labels.ts';
import type { LabelReader, LabelWriter } from '../../../../ports/records/label-records.ts';

export interface LabelRecordsState {
  readonly predictions: readonly (LabelledPrediction & Scope & { readonly recordedAtMs: number })[];
  readonly labels: readonly (StoredLabel & Scope & { readonly arrivedAtMs: number })[];
  readonly labelAsks: readonly (Scope & { readonly ask: Ask; readonly isJudged: boolean })[];
  readonly labelMemories: readonly (Scope & { readonly memory: LabelMemory })[];
}

interface Scope {
  readonly service: string;
  readonly environment: string;
}

const isOf = (service: string, environment: string) => (row: Scope) =>
  row.service === service && row.environment === environment;

export function memoryLabelReader(state: () => LabelRecordsState): LabelReader {
  const labelled = (service: string, environment: string): readonly LabelledPrediction[] => {
    const labels = new Map(
      state()
        .labels.filter(isOf(service, environment))
        .map((label) => [label.requestId, label]),
    );
    return state()
      .predictions.filter(isOf(service, environment))
      .map(({ seq, requestId, atMs, release, replicaId, prediction, confidence }) => {
        const label = labels.get(requestId);
        const found = { truth: label?.truth ?? null, labelledAtMs: label?.arrivedAtMs ?? null };
        return structuredClone({ seq, requestId, atMs, release, replicaId, prediction, confidence, ...found });
      });
  };
  const asksOf = (service: string, environment: string) =>
    state()
      .labelAsks.filter(isOf(service, environment))
      .toSorted((a, b) => a.ask.askedAtMs - b.ask.askedAtMs);
  return {
    predictions: async (service, environment, afterSeq, limit) =>
      labelled(service, environment)
        .filter(({ seq }) => seq > afterSeq)
        .slice(0, limit),
    predictionsOf: async (service, environment, requestIds) =>
      labelled(service, environment).filter(({ requestId }) => requestIds.includes(requestId)),
    labelsOf: async (service, environment, requestIds) =>
      state()
        .labels.filter(isOf(service, environment))
        .filter(({ requestId }) => requestIds.includes(requestId))
        .map(({ requestId, truth }) => structuredClone({ requestId, truth })),
    predictionCount: async (service, environment) => labelled(service, environment).length,
    openPredictions: async (service, environment, afterSeq) => {
      const open = labelled(service, environment).filter(({ seq }) => seq > afterSeq);
      return { predictions: open.length, labelled: open.filter(({ truth }) => truth !== null).length };
    },
    waitingLabels: async (service, environment) => {
      const known = new Set(labelled(service, environment).map(({ requestId }) => requestId));
      const ours = state().labels.filter(isOf(service, environment));
      return ours.filter(({ requestId }) => !known.has(requestId)).length;
    },
    labelAsk: async (service, environment, askId) =>
      structuredClone(asksOf(service, environment).find(({ ask }) => ask.askId === askId)?.ask ?? null),
    lastLabelAsk: async (service, environment) => structuredClone(asksOf(service, environment).at(-1)?.ask ?? null),
    openLabelAsks: async (service, environment, limit) =>
      asksOf(service, environment)
        .filter(({ isJudged }) => !isJudged)
        .slice(0, limit)
        .map(({ ask }) => structuredClone(ask)),
    labelMemory: async (service, environment) =>
      structuredClone(state().labelMemories.find(isOf(service, environment))?.memory ?? null),
  };
}

export function memoryLabelWriter(
  state: () => LabelRecordsState,
  change: (part: Partial<LabelRecordsState>) => void,
): LabelWriter {
  return {
    async addPredictions(service, environment, predictions, recordedAtMs) {
      const before = state().predictions.filter(isOf(service, environment));
      const known = new Set(before.map(({ requestId }) => requestId));
      let seq = before.at(-1)?.seq ?? 0;
      const fresh = predictions.flatMap((prediction) => {
        if (known.has(prediction.requestId)) return [];
        known.add(prediction.requestId);
        seq += 1;
        const added = { ...prediction, service, environment, seq, truth: null, labelledAtMs: null, recordedAtMs };
        return [structuredClone(added)];
      });
      change({ predictions: [...state().predictions, ...fresh] });
      return fresh.length;
    },
    async addLabels(service, environment, labels, arrivedAtMs) {
      const known = new Set(
        state()
          .labels.filter(isOf(service, environment))
          .map(({ requestId }) => requestId),
      );
      const fresh = labels.filter(({ requestId }) => !known.has(requestId) && known.add(requestId));
      const added = fresh.map((label) => structuredClone({ ...label, service, environment, arrivedAtMs }));
      change({ labels: [...state().labels, ...added] });
    },
    async forgetLabels(service, environment, beforeMs, waitingBeforeMs) {
      const isOurs = isOf(service, environment);
      const { predictions, labels } = state();
      const known = new Set(predictions.filter(isOurs).map(({ requestId }) => requestId));
      const isOld = (label: LabelRecordsState['labels'][number]): boolean =>
        isOurs(label) && label.arrivedAtMs < (known.has(label.requestId) ? beforeMs : waitingBeforeMs);
      change({
        predictions: predictions.filter((each) => !isOurs(each) || each.recordedAtMs >= beforeMs),
        labels: labels.filter((label) => !isOld(label)),
      });
      return labels.filter((label) => isOld(label) && !known.has(label.requestId)).length;
    },
    async addLabelAsk(service, environment, ask) {
      const isThere = state()
        .labelAsks.filter(isOf(service, environment))
        .some((row) => row.ask.askId === ask.askId);
      const row = structuredClone({ service, environment, ask, isJudged: false });
      if (!isThere) change({ labelAsks: [...state().labelAsks, row] });
    },
    async setLabelAskJudged(service, environment, askId) {
      const isMeant = (row: LabelRecordsState['labelAsks'][number]): boolean =>
        isOf(service, environment)(row) && row.ask.askId === askId;
      change({ labelAsks: state().labelAsks.map((row) => (isMeant(row) ? { ...row, isJudged: true } : row)) });
    },
    async forgetLabelAsks(service, environment, beforeMs) {
      const isGone = (row: LabelRecordsState['labelAsks'][number]): boolean =>
        isOf(service, environment)(row) && row.isJudged && row.ask.askedAtMs < beforeMs;
      change({ labelAsks: state().labelAsks.filter((row) => !isGone(row)) });
    },
    async setLabelMemory(service, environment, memory) {
      const others = state().labelMemories.filter((row) => !isOf(service, environment)(row));
      change({ labelMemories: [...others, structuredClone({ service, environment, memory })] });
    },
  };
}
