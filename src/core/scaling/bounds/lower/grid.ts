/** The scored time in cells, and replica-time in quanta: both for the relaxation alone. */
export interface Grid {
  readonly cells: number;
  readonly cellMs: number;
  /** A replica has so many quanta in a cell: one quantum is `cellMs / quantaPerCell` replica-milliseconds. */
  readonly quantaPerCell: number;
  /** A request may be answered in the cell of its arrival and in so many after it. */
  readonly cellsLate: number;
}

export function quantumMsOf({ cellMs, quantaPerCell }: Grid): number {
  return cellMs / quantaPerCell;
}

/**
 * Cell of the deadline of a request that arrives `atMs` after the beginning. Whole cells after the arrival's where the latency is
 * a multiple of the cell, so that rounding cannot move it.
 */
export function deadlineCell(atMs: number, latencyMs: number, { cellMs, cellsLate }: Grid): number {
  return cellMs <= latencyMs ? Math.floor(atMs / cellMs) + cellsLate : Math.floor((atMs + latencyMs) / cellMs);
}
