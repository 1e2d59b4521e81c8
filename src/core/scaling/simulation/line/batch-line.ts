import type { ServiceCurve } from '../../../capacity/service-curve.ts';
import type { BatchTally, RequestEnded, ServiceLine } from './service-line.ts';

type Batch = Extract<ServiceCurve, { kind: 'batch' }>;

/**
 * One batch at a time. A free replica takes what waits; a batch that is not full then waits up to `maxDelayMs`, from its
 * first request on, for what the gateway gives it. A replica that works on a batch takes nothing: requests wait in the gateway.
 */
export class BatchLine implements ServiceLine {
  held = 0;
  forming = 0;
  formingSinceMs = Infinity;
  dueMs = Infinity;
  readonly #batchMs: readonly number[];
  readonly #maxDelayMs: number;
  readonly #tally: BatchTally;
  readonly #arrivedAtMs: Float64Array;
  readonly #takenAtMs: Float64Array;
  #factors = 0;

  constructor(curve: Batch, tally: BatchTally) {
    this.#batchMs = curve.batchMs;
    this.#maxDelayMs = curve.maxDelayMs;
    this.#tally = tally;
    this.#arrivedAtMs = new Float64Array(curve.batchMs.length);
    this.#takenAtMs = new Float64Array(curve.batchMs.length);
  }

  hasRoom(): boolean {
    return this.held === this.forming && this.held < this.#batchMs.length;
  }

  take(nowMs: number, arrivedAtMs: number, workMs: number): void {
    this.#arrivedAtMs[this.held] = arrivedAtMs;
    this.#takenAtMs[this.held] = nowMs;
    this.#factors += workMs;
    if (this.held === 0) this.formingSinceMs = nowMs;
    this.held += 1;
    this.forming += 1;
  }

  settle(nowMs: number): void {
    if (this.forming === 0) return;
    if (this.forming === this.#batchMs.length || this.#maxDelayMs === 0) this.close(nowMs);
    else this.dueMs = this.formingSinceMs + this.#maxDelayMs;
  }

  proceed(nowMs: number, ended: RequestEnded): void {
    if (this.forming > 0) {
      this.close(nowMs);
      return;
    }
    this.abandon(ended);
  }

  close(nowMs: number): void {
    if (this.forming === 0) return;
    this.#tally.batches += 1;
    this.#tally.requests += this.held;
    this.dueMs = nowMs + ((this.#batchMs[this.held - 1] as number) * this.#factors) / this.held;
    this.forming = 0;
    this.formingSinceMs = Infinity;
  }

  abandon(lost: RequestEnded): void {
    const count = this.held;
    this.held = 0;
    this.forming = 0;
    this.formingSinceMs = Infinity;
    this.#factors = 0;
    this.dueMs = Infinity;
    for (let index = 0; index < count; index += 1) {
      lost(this.#arrivedAtMs[index] as number, this.#takenAtMs[index] as number);
    }
  }
}
