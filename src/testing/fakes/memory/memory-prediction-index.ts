import type { Digest } from '../../../core/units/digest.ts';
import type { PredictionIndex, PredictionRecord } from '../../../ports/project/prediction-index.ts';

export function memoryPredictionIndex(): PredictionIndex {
  const records = new Map<Digest, PredictionRecord>();
  return {
    find: (key) => Promise.resolve(records.get(key) ?? null),
    remember: async (key, record) => void records.set(key, record),
  };
}
