import { historyLengths, type HistoryLength, type HistorySpan } from '../../../../core/health/history.ts';
import type { StoreReader, StoreWriter } from '../../../../ports/records/store.ts';

export interface HistoryState {
  readonly history: readonly HistoryRow[];
}

interface HistoryRow {
  readonly service: string;
  readonly environment: string;
  readonly length: HistoryLength;
  readonly span: HistorySpan;
}

const isOf =
  (service: string, environment: string, length: HistoryLength) =>
  (row: HistoryRow): boolean =>
    row.service === service && row.environment === environment && row.length === length;

export function memoryHistoryReader(state: () => HistoryState): Pick<StoreReader, 'history'> {
  return {
    history: async (service, environment, length, sinceMs) =>
      structuredClone(
        state()
          .history.filter(isOf(service, environment, length))
          .map(({ span }) => span)
          .filter(({ fromMs }) => fromMs >= sinceMs)
          .sort((a, b) => a.fromMs - b.fromMs),
      ),
  };
}

export function memoryHistoryWriter(
  state: () => HistoryState,
  change: (part: HistoryState) => void,
): Pick<StoreWriter, 'addHistory'> {
  return {
    async addHistory(service, environment, length, span) {
      const isSame = isOf(service, environment, length);
      const oldestMs = span.toMs - historyLengths[length].keptMs;
      const kept = state().history.filter(
        (row) => !isSame(row) || (row.span.fromMs !== span.fromMs && row.span.fromMs >= oldestMs),
      );
      change({ history: [...kept, { service, environment, length, span: structuredClone(span) }] });
    },
  };
}
