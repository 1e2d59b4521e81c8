/** What requests of a gateway are for. */
export type RequestPurpose = 'answers' | 'shadow' | 'golden';

/**
 * Measures in how much time at least one request was with a replica, and splits this time over what the requests were for:
 * each millisecond goes to the purposes by the number of requests that are with the replica then. The parts add up to the busy
 * time.
 *
 * Worked: from 10 to 20 ms two answers and two copies for a shadow are there, from 20 to 30 ms one answer: 15 ms are for
 * answers, and 5 ms for the shadow.
 */
export class BusyMeter {
  #answers = 0;
  #shadow = 0;
  #golden = 0;
  #sinceMs = 0;
  #answersMs = 0;
  #shadowMs = 0;
  #goldenMs = 0;

  begin(purpose: RequestPurpose, nowMs: number): void {
    this.#settle(nowMs);
    this.#count(purpose, 1);
  }

  end(purpose: RequestPurpose, nowMs: number): void {
    this.#settle(nowMs);
    this.#count(purpose, -1);
  }

  /** Milliseconds so far, by purpose. */
  read(nowMs: number): Readonly<Record<RequestPurpose, number>> {
    this.#settle(nowMs);
    return { answers: this.#answersMs, shadow: this.#shadowMs, golden: this.#goldenMs };
  }

  #count(purpose: RequestPurpose, by: number): void {
    if (purpose === 'answers') this.#answers += by;
    else if (purpose === 'shadow') this.#shadow += by;
    else this.#golden += by;
  }

  #settle(nowMs: number): void {
    const lastedMs = nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    const others = this.#shadow + this.#golden;
    if (others === 0) {
      if (this.#answers > 0) this.#answersMs += lastedMs;
      return;
    }
    const all = this.#answers + others;
    this.#answersMs += (lastedMs * this.#answers) / all;
    this.#shadowMs += (lastedMs * this.#shadow) / all;
    this.#goldenMs += (lastedMs * this.#golden) / all;
  }
}
