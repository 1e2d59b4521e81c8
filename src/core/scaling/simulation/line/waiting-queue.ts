/** Requests that wait for a replica, first come first served: a ring of numbers, as large as the longest queue was. */
export class WaitingQueue {
  /** Arrival and work of each in turn. */
  #ring = new Float64Array(2 * 64);
  /** Index of the oldest. */
  #head = 0;
  length = 0;

  /** When the oldest arrived, milliseconds; Infinity for an empty queue. */
  get oldestAtMs(): number {
    return this.length === 0 ? Infinity : (this.#ring[2 * this.#head] as number);
  }

  get oldestWorkMs(): number {
    return this.#ring[2 * this.#head + 1] as number;
  }

  push(atMs: number, workMs: number): void {
    const capacity = this.#ring.length / 2;
    if (this.length === capacity) this.#grow();
    const index = (this.#head + this.length) & (this.#ring.length / 2 - 1);
    this.#ring[2 * index] = atMs;
    this.#ring[2 * index + 1] = workMs;
    this.length += 1;
  }

  /** Takes the oldest out. */
  shift(): void {
    this.#head = (this.#head + 1) & (this.#ring.length / 2 - 1);
    this.length -= 1;
  }

  #grow(): void {
    const old = this.#ring;
    const ring = new Float64Array(2 * old.length);
    ring.set(old.subarray(2 * this.#head), 0);
    ring.set(old.subarray(0, 2 * this.#head), old.length - 2 * this.#head);
    this.#ring = ring;
    this.#head = 0;
  }
}
