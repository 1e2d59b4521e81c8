import type { SimulatedWorld } from '../simulation/world.ts';
import { eachScored, type DemandSummary } from './demand-summary.ts';

/** The scored time in cells, and replica-time in quanta: both for the relaxation alone. */
export interface Grid {
  readonly cells: number;
  readonly cellMs: number;
  /** A replica has so many quanta in a cell: one quantum is `cellMs / quantaPerCell` replica-milliseconds. */
  readonly quantaPerCell: number;
  /** A request may be answered in the cell of its arrival and in so many after it. */
  readonly cellsLate: number;
}

/**
 * What has to be, and what can have been, disposed of (served or dropped) by each border between cells, in quanta of
 * replica-time, cumulative: `cells + 1` each. Every rounding makes the relaxation easier (docs/scaling-bounds.md, step 3):
 * `least` is rounded down and one quantum lower, `most` is rounded up.
 */
export interface DemandCurves {
  readonly least: Int32Array;
  readonly most: Int32Array;
  /** Requests whose deadline is in the cell. */
  readonly due: Int32Array;
  /** `dropPrices[dropFrom[k] + j]`: requests that dropping j quanta of what is due in cell k costs at least; j up to `dropFrom[k + 1] - dropFrom[k] - 1`. */
  readonly dropFrom: Int32Array;
  readonly dropPrices: Float64Array;
}

export function demandCurves(world: SimulatedWorld, demand: DemandSummary, grid: Grid): DemandCurves {
  const { cells, cellMs } = grid;
  const quantumMs = cellMs / grid.quantaPerCell;
  const arrived = new Float64Array(cells + 1);
  const dueMs = new Float64Array(cells + 1);
  const due = new Int32Array(cells);
  const prices = new DropPrices(cells, quantumMs);
  eachScored(world, (atMs, workMs) => {
    const costMs = demand.costOf(workMs);
    const arrival = Math.floor((atMs - world.scoreFromMs) / cellMs);
    if (costMs === Infinity || arrival >= cells) return;
    (arrived[arrival + 1] as number) += costMs;
    const deadline = deadlineCell(atMs - world.scoreFromMs, arrival, world.terms.latencyMs, grid);
    if (deadline >= cells) return;
    (dueMs[deadline + 1] as number) += costMs;
    (due[deadline] as number) += 1;
    prices.take(deadline, costMs);
  });
  return { ...rounded(arrived, dueMs, quantumMs), due, ...prices.finish() };
}

/** Whole cells after the arrival's where the latency is a multiple of the cell, so that rounding cannot move it. */
function deadlineCell(atMs: number, arrival: number, latencyMs: number, grid: Grid): number {
  return grid.cellMs <= latencyMs ? arrival + grid.cellsLate : Math.floor((atMs + latencyMs) / grid.cellMs);
}

function rounded(arrived: Float64Array, dueMs: Float64Array, quantumMs: number): { least: Int32Array; most: Int32Array } {
  const least = new Int32Array(arrived.length);
  const most = new Int32Array(arrived.length);
  let [mostMs, leastMs] = [0, 0];
  for (let border = 0; border < arrived.length; border += 1) {
    mostMs += arrived[border] as number;
    leastMs += dueMs[border] as number;
    most[border] = Math.ceil(mostMs / quantumMs + 1e-9);
    least[border] = Math.max(0, Math.floor(leastMs / quantumMs - 1e-9) - 1);
  }
  return { least, most };
}

/** Of each cell in turn: sorts what is due by size, and prices each quantum by the largest requests first. */
class DropPrices {
  readonly #quantumMs: number;
  readonly #dropFrom: Int32Array;
  readonly #prices: number[] = [];
  #cell = 0;
  #costsMs: number[] = [];

  constructor(cells: number, quantumMs: number) {
    this.#quantumMs = quantumMs;
    this.#dropFrom = new Int32Array(cells + 1);
  }

  /** Deadlines come in order, as arrivals do. */
  take(cell: number, costMs: number): void {
    while (this.#cell < cell) this.#close();
    this.#costsMs.push(costMs);
  }

  finish(): { dropFrom: Int32Array; dropPrices: Float64Array } {
    while (this.#cell < this.#dropFrom.length - 1) this.#close();
    return { dropFrom: this.#dropFrom, dropPrices: Float64Array.from(this.#prices) };
  }

  /**
   * A quantum costs `quantum / size` requests, where size is of the request at the quantum's beginning: no later one in it is
   * larger, so that the price is never above the true one.
   */
  #close(): void {
    const costsMs = Float64Array.from(this.#costsMs).sort().reverse();
    let [price, passedMs] = [0, 0];
    this.#prices.push(0);
    let quantum = 0;
    for (const costMs of costsMs) {
      while (quantum * this.#quantumMs < passedMs + costMs) {
        price += this.#quantumMs / costMs;
        this.#prices.push(price);
        quantum += 1;
      }
      passedMs += costMs;
    }
    this.#costsMs = [];
    this.#cell += 1;
    this.#dropFrom[this.#cell] = this.#prices.length;
  }
}
