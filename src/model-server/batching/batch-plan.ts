/** What the plan needs to know of a request that waits. */
export interface Batchable {
  readonly rows: number;
  /** Equal keys may share a batch: same shapes but for the rows, same outputs. */
  readonly batchKey: string;
}

export interface BatchPlan {
  /** Positions in the queue, ascending; the first is always 0. */
  readonly picks: readonly number[];
  readonly rows: number;
}

/**
 * Which waiting requests go into the next batch. The oldest always goes, so that nothing starves; then, in order of
 * arrival, each with the same key that still fits.
 *
 * | oldest request | batch |
 * |---|---|
 * | rows >= limit | it alone, as it is: a request is never split, so its answer comes from one run |
 * | rows < limit | it and what fits behind it |
 */
export function planBatch(queue: readonly Batchable[], maxRows: number): BatchPlan {
  const [oldest] = queue;
  if (oldest === undefined) return { picks: [], rows: 0 };
  const picks = [0];
  let { rows } = oldest;
  for (let at = 1; at < queue.length && rows < maxRows; at += 1) {
    const next = queue[at];
    if (next === undefined || next.batchKey !== oldest.batchKey || rows + next.rows > maxRows) continue;
    picks.push(at);
    rows += next.rows;
  }
  return { picks, rows };
}
