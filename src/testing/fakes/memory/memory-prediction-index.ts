import type { Digest } from '../../../core/units/digest.ts';
import type { PredictionIndex, PredictionRecord } from '../../../ports/project/prediction-index.ts';

export function memoryPredictionIndex(): PredictionIndex {
  const records = new Map<Digest, PredictionRecord>();
  return {
    find: (key) => Promise.resolve(records.get(key) ?? null),
    async *list() {
      yield* await Promise.resolve([...records.values()]);
    },
    remember: async (key, record) => void records.set(key, record),
  };
}
