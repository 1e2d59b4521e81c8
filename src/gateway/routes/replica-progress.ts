/** A whole request that waits for the first byte of its answer. */
export interface WaitingRequest {
  readonly sinceMs: number;
  /** How long its client waits, at most. */
  readonly allowedMs: number;
}

const waitedShare = 0.9;

/** What moves on one replica, seen by one gateway. Times are of the clock that never steps, and differences alone are told. */
export class ReplicaProgress {
  #bytes = 0;
  #finished = 0;
  #givenUp = 0;
  #longestMs = 0;
  readonly #waiting = new Set<WaitingRequest>();

  waits(request: WaitingRequest): void {
    this.#waiting.add(request);
  }

  /** Its answer begins: what it waits for from now on is told by bytes. */
  begins(request: WaitingRequest): void {
    this.#waiting.delete(request);
  }

  /** It is over. One whose client waited to the end, and got no byte of an answer, is counted: a client that leaves early says nothing. */
  givesUp(request: WaitingRequest, nowMs: number): void {
    if (!this.#waiting.delete(request)) return;
    if (nowMs - request.sinceMs >= waitedShare * request.allowedMs) this.#givenUp += 1;
  }

  came(bytes: number): void {
    this.#bytes += bytes;
  }

  finished(lastedMs: number): void {
    this.#finished += 1;
    this.#longestMs = Math.max(this.#longestMs, lastedMs);
  }

  report(nowMs: number) {
    const [oldest] = this.#waiting;
    let allowedMs = 0;
    for (const request of this.#waiting) allowedMs = Math.max(allowedMs, request.allowedMs);
    return {
      ...{ bytes: this.#bytes, finished: this.#finished, waiting: this.#waiting.size, givenUp: this.#givenUp },
      oldestMs: oldest === undefined ? 0 : Math.max(0, Math.round(nowMs - oldest.sinceMs)),
      ...{ longestMs: Math.round(this.#longestMs), allowedMs },
    };
  }
}
