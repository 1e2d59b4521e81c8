import { latencyBinOf } from '../../core/rollout/judge/latency-bins.ts';

/** 32 steps an octave: a quantile is at most 1/32 (3.1%) above the true value. */
const stepBits = 5;
const steps = 1 << stepBits;
/** 2^31 microseconds is 36 minutes; anything longer is counted there. */
const cellCount = (31 - stepBits + 1) * steps;

/**
 * Latencies in fixed cells of logarithmic width, in microseconds: recording is one increment, whatever was recorded
 * before, and memory is 3.4 kB. Same idea as HdrHistogram (hdrhistogram.org), for one range and one precision.
 */
export class LatencyHistogram {
  readonly #cells = new Uint32Array(cellCount);
  #count = 0;
  #sumMs = 0;

  record(latencyMs: number): void {
    const cell = cellOf(latencyMs);
    this.#cells[cell] = (this.#cells[cell] ?? 0) + 1;
    this.#count += 1;
    this.#sumMs += latencyMs;
  }

  get count(): number {
    return this.#count;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  /** Null without a latency. */
  quantileMs(quantile: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(quantile * this.#count));
    let seen = 0;
    for (let cell = 0; cell < cellCount; cell += 1) {
      seen += this.#cells[cell] ?? 0;
      if (seen >= rank) return upperEdgeMs(cell);
    }
    return upperEdgeMs(cellCount - 1);
  }

  /** How many are at or below each bound; bounds ascend. A cell that a bound cuts is counted in the next bound. */
  cumulative(boundsMs: readonly number[]): readonly number[] {
    let cell = 0;
    let seen = 0;
    return boundsMs.map((boundMs) => {
      while (cell < cellCount && upperEdgeMs(cell) <= boundMs) {
        seen += this.#cells[cell] ?? 0;
        cell += 1;
      }
      return seen;
    });
  }

  /** Adds its counts to bins that every gateway shares (core/rollout/judge/latency-bins.ts), by the upper edge of each cell. */
  addTo(bins: Record<number, number>): void {
    for (let cell = 0; cell < cellCount; cell += 1) {
      const count = this.#cells[cell] ?? 0;
      if (count === 0) continue;
      const bin = latencyBinOf(upperEdgeMs(cell));
      bins[bin] = (bins[bin] ?? 0) + count;
    }
  }

  clear(): void {
    this.#cells.fill(0);
    this.#count = 0;
    this.#sumMs = 0;
  }
}

function cellOf(latencyMs: number): number {
  const us = Math.min(0x7fffffff, Math.max(0, Math.ceil(latencyMs * 1000)));
  if (us < steps) return us;
  const octave = 31 - Math.clz32(us) - stepBits;
  return (octave << stepBits) + (us >> octave);
}

/** Largest latency that lands in the cell. */
function upperEdgeMs(cell: number): number {
  if (cell < 2 * steps) return cell / 1000;
  const octave = (cell >> stepBits) - 1;
  const step = (cell & (steps - 1)) + steps;
  return ((step + 1) * 2 ** octave - 1) / 1000;
}
