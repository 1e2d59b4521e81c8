import type { NamedValue } from '../../core/monitoring/features/exchange.ts';
import { readValue, type RowValues } from '../../core/monitoring/features/row-values.ts';
import type { NewPrediction } from '../../ports/records/label-records.ts';

type Answered = Pick<NewPrediction, 'requestId' | 'atMs' | 'release'> & { readonly replicaId: string | null };

/**
 * What a label is held against: the class of the first output that has scores, else the number of the first output that is
 * one. Null where nobody answered, or the answer is neither.
 */
export function readPrediction(
  { requestId, atMs, release, replicaId }: Answered,
  outputs: readonly NamedValue[],
  row: RowValues,
): NewPrediction | null {
  if (replicaId === null) return null;
  const of = { requestId, atMs, release, replicaId };
  for (const { name } of outputs) {
    const [found, confidence] = [readValue(row, `${name}.class`), readValue(row, `${name}.confidence`)];
    if (typeof found === 'string') {
      return { ...of, prediction: found, confidence: typeof confidence === 'number' ? confidence : null };
    }
  }
  for (const { name } of outputs) {
    const value = readValue(row, name);
    if (typeof value === 'number') return { ...of, prediction: value, confidence: null };
  }
  return null;
}
