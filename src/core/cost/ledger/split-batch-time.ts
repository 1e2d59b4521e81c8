import { apportion } from '../apportion.ts';
import type { Purpose } from './state.ts';

/** One batch that an engine ran. */
export interface RanBatch {
  /** Whole milliseconds. */
  readonly durationMs: number;
  readonly requests: readonly {
    readonly id: string;
    readonly purpose: Purpose;
    /** Work of the request in any whole unit that all of the batch share: rows, tokens. */
    readonly work: number;
  }[];
}

/**
 * Returns busy time by purpose, milliseconds: the time of each batch is split over its requests by their work, by largest
 * remainder, ties by request id. The result adds up to the durations of all batches with requests.
 *
 * Time of a batch is the unit, and not the time that a request was under way: requests of one batch share it.
 *
 * Worked: a batch of 10 ms with 3 rows for answers and 1 row of the golden set: 8 ms and 2 ms (7.5 and 2.5; tie by id).
 */
export function splitBatchTime(batches: readonly RanBatch[]): Readonly<Record<Purpose, number>> {
  const sums = { answers: 0, shadow: 0, golden: 0, proof: 0, wasted: 0 } satisfies Record<Purpose, number>;
  for (const { durationMs, requests } of batches) {
    const parts = apportion(
      durationMs,
      requests.map(({ id, work }) => ({ key: id, weight: work })),
    );
    requests.forEach(({ purpose }, index) => (sums[purpose] += parts[index] ?? 0));
  }
  return sums;
}
