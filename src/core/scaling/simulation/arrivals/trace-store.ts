import { PlimsollError } from '../../../units/errors.ts';
import type { Arrivals } from '../world.ts';

/** Rows that are held in memory at most: 16 bytes each, 32 with tokens, 320 MB. */
export const traceRowsAtMost = 10_000_000;
/** Arrivals come for so long at most. Decisions are asked for every few seconds, and a silence of years costs the time to pass over millions of them. */
export const spanAtMostMs = 400 * 86_400_000;

/** A recorded trace, so compact that a simulator can go through it again and again. */
export interface RecordedTrace {
  readonly arrivals: Arrivals;
  readonly requests: number;
  /** From the first arrival to the last. */
  readonly spanMs: number;
  /** Arrivals at the moment of the one before them. */
  readonly simultaneous: number;
  readonly longestGapMs: number;
  /** When that gap begins, since the first arrival. */
  readonly longestGapAtMs: number;
  /** `tokens`: its arrivals have them as their units. */
  readonly unit: 'tokens' | null;
}

/** Tokens of a request. */
export interface TraceTokens {
  readonly input: number;
  readonly output: number;
}

/** Times and work of requests in two arrays of numbers, which grow by doubling. */
export class TraceStore {
  #atMs = new Float64Array(1_024);
  #workMs = new Float64Array(1_024);
  /** Read and written ones; null while no row told any. */
  #tokens: { input: Float64Array; output: Float64Array } | null = null;
  #count = 0;
  #greatestMs = -Infinity;
  #ordered = true;
  readonly #rowsAtMost: number;

  constructor(rowsAtMost = traceRowsAtMost) {
    this.#rowsAtMost = rowsAtMost;
  }

  /** The latest moment so far. */
  get greatestMs(): number {
    return this.#greatestMs;
  }

  /** @throws PlimsollError `trace-too-long` (input). */
  push(atMs: number, workMs: number, tokens: TraceTokens | null = null): void {
    if (this.#count === this.#rowsAtMost) throw tooLong(this.#rowsAtMost);
    if (this.#count === this.#atMs.length) {
      this.#atMs = grown(this.#atMs, this.#rowsAtMost);
      this.#workMs = grown(this.#workMs, this.#rowsAtMost);
      if (this.#tokens !== null) {
        this.#tokens.input = grown(this.#tokens.input, this.#rowsAtMost);
        this.#tokens.output = grown(this.#tokens.output, this.#rowsAtMost);
      }
    }
    if (tokens !== null) {
      const { length } = this.#atMs;
      this.#tokens ??= { input: new Float64Array(length), output: new Float64Array(length) };
      this.#tokens.input[this.#count] = tokens.input;
      this.#tokens.output[this.#count] = tokens.output;
    }
    this.#atMs[this.#count] = atMs;
    this.#workMs[this.#count] = workMs;
    this.#count += 1;
    if (atMs < this.#greatestMs) this.#ordered = false;
    else this.#greatestMs = atMs;
  }

  /** In the order of the times, rows of one moment as they came; the first is at 0. To be called once. */
  finish(): RecordedTrace {
    if (!this.#ordered) this.#sort();
    const count = this.#count;
    const [times, works, tokens] = [this.#atMs, this.#workMs, this.#tokens];
    const firstMs = count === 0 ? 0 : (times[0] as number);
    let [simultaneous, longestGapMs, longestGapAtMs] = [0, 0, 0];
    for (let index = 1; index < count; index += 1) {
      const gapMs = (times[index] as number) - (times[index - 1] as number);
      if (gapMs === 0) simultaneous += 1;
      if (gapMs > longestGapMs) [longestGapMs, longestGapAtMs] = [gapMs, (times[index - 1] as number) - firstMs];
    }
    return {
      arrivals: function* () {
        for (let index = 0; index < count; index += 1) {
          const arrival = { atMs: (times[index] as number) - firstMs, workMs: works[index] as number };
          const writtenUnits = tokens?.output[index] ?? 0;
          yield tokens === null
            ? arrival
            : { ...arrival, units: (tokens.input[index] as number) + writtenUnits, writtenUnits };
        }
      },
      requests: count,
      spanMs: count === 0 ? 0 : (times[count - 1] as number) - firstMs,
      simultaneous,
      longestGapMs,
      longestGapAtMs,
      unit: tokens === null ? null : 'tokens',
    };
  }

  #sort(): void {
    const [times, works] = [this.#atMs, this.#workMs];
    const order = Uint32Array.from({ length: this.#count }, (_, index) => index).sort(
      (a, b) => (times[a] as number) - (times[b] as number) || a - b,
    );
    this.#atMs = Float64Array.from(order, (index) => times[index] as number);
    this.#workMs = Float64Array.from(order, (index) => works[index] as number);
    if (this.#tokens === null) return;
    const { input, output } = this.#tokens;
    this.#tokens = {
      input: Float64Array.from(order, (index) => input[index] as number),
      output: Float64Array.from(order, (index) => output[index] as number),
    };
  }
}

function grown(array: Float64Array, rowsAtMost: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.min(2 * array.length, Math.max(rowsAtMost, array.length)));
  larger.set(array);
  return larger;
}

function tooLong(rows: number): PlimsollError {
  return new PlimsollError({
    code: 'trace-too-long',
    category: 'input',
    message: `a trace of more than ${rows} requests`,
    next: 'cut the trace into parts of fewer requests, and simulate each',
    details: { rows },
  });
}
