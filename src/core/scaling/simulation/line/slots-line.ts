import type { ServiceCurve } from '../../../capacity/service-curve.ts';
import type { RequestEnded, ServiceLine } from './service-line.ts';

type Slots = Extract<ServiceCurve, { kind: 'slots' }>;

/**
 * Processor sharing. `#doneMs` is the work that each request has had since the line was last empty: it grows at
 * `speeds[k - 1]` while k are held, and a request that came when it stood at D with a work of W ends when it stands at D + W.
 * So a change of k touches one number, and the next to end is the top of a heap: O(log slots) an event.
 * (Virtual time, as in fair queueing: Demers, Keshav and Shenker 1989, with equal shares.)
 */
export class SlotsLine implements ServiceLine {
  held = 0;
  readonly forming = 0;
  readonly formingSinceMs = Infinity;
  dueMs = Infinity;
  readonly #slots: number;
  readonly #speeds: Float64Array;
  #doneMs = 0;
  #seenAtMs = 0;
  /** Heap in threes: where `#doneMs` stands when it ends, when it arrived, when it was taken. */
  readonly #heap: Float64Array;

  constructor(curve: Slots) {
    this.#slots = curve.slots;
    this.#speeds = Float64Array.from(curve.speeds);
    this.#heap = new Float64Array(3 * curve.slots);
  }

  hasRoom(): boolean {
    return this.held < this.#slots;
  }

  take(nowMs: number, arrivedAtMs: number, workMs: number): void {
    this.#advance(nowMs);
    this.held += 1;
    this.#rise(this.held - 1, this.#doneMs + workMs, arrivedAtMs, nowMs);
  }

  settle(nowMs: number): void {
    if (this.held === 0) {
      this.dueMs = Infinity;
      return;
    }
    // What rounding takes below zero is zero: no work is negative.
    const leftMs = Math.max(0, (this.#heap[0] as number) - this.#doneMs);
    this.dueMs = nowMs + leftMs / (this.#speeds[this.held - 1] as number);
  }

  proceed(nowMs: number, ended: RequestEnded): void {
    const heap = this.#heap;
    const [arrivedAtMs, takenAtMs] = [heap[1] as number, heap[2] as number];
    // Exactly where it ends, and not where rounding has brought the sum.
    this.#doneMs = heap[0] as number;
    this.#seenAtMs = nowMs;
    this.held -= 1;
    this.#sinkLast();
    ended(arrivedAtMs, takenAtMs);
  }

  close(): void {
    // Nothing waits in it for more.
  }

  abandon(lost: RequestEnded): void {
    for (let index = 0; index < this.held; index += 1) {
      lost(this.#heap[3 * index + 1] as number, this.#heap[3 * index + 2] as number);
    }
    this.held = 0;
    this.settle(0);
  }

  #advance(nowMs: number): void {
    // An empty line begins anew, which keeps the sums small and so exact.
    if (this.held === 0) this.#doneMs = 0;
    else this.#doneMs += (nowMs - this.#seenAtMs) * (this.#speeds[this.held - 1] as number);
    this.#seenAtMs = nowMs;
  }

  #rise(from: number, key: number, arrivedAtMs: number, takenAtMs: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((heap[3 * parent] as number) <= key) break;
      this.#copy(index, parent);
      index = parent;
    }
    this.#set(index, key, arrivedAtMs, takenAtMs);
  }

  /** Puts the last entry, which now stands outside, into the place of the top. */
  #sinkLast(): void {
    const heap = this.#heap;
    const count = this.held;
    const key = heap[3 * count] as number;
    let index = 0;
    for (let child = 1; child < count; child = 2 * index + 1) {
      if (child + 1 < count && (heap[3 * child + 3] as number) < (heap[3 * child] as number)) child += 1;
      if ((heap[3 * child] as number) >= key) break;
      this.#copy(index, child);
      index = child;
    }
    this.#set(index, key, heap[3 * count + 1] as number, heap[3 * count + 2] as number);
  }

  #copy(to: number, from: number): void {
    const heap = this.#heap;
    heap[3 * to] = heap[3 * from] as number;
    heap[3 * to + 1] = heap[3 * from + 1] as number;
    heap[3 * to + 2] = heap[3 * from + 2] as number;
  }

  #set(index: number, key: number, arrivedAtMs: number, takenAtMs: number): void {
    this.#heap[3 * index] = key;
    this.#heap[3 * index + 1] = arrivedAtMs;
    this.#heap[3 * index + 2] = takenAtMs;
  }
}
