export interface PaceBounds {
  readonly windowMs: number;
  /** That have to come in each window. */
  readonly leastBytes: number;
}

/**
 * Whether a body comes fast enough. A window begins with the first byte that is waited for, and a new one each time that the least
 * number of bytes has come; a body that does not fill a window in its time is too slow. One byte now and then extends nothing.
 */
export class BodyPace {
  readonly #bounds: PaceBounds;
  #sinceMs: number;
  #bytes = 0;

  constructor(bounds: PaceBounds, nowMs: number) {
    this.#bounds = bounds;
    this.#sinceMs = nowMs;
  }

  /** When the body is too slow, unless the window is filled before; milliseconds of the same clock. */
  get dueAtMs(): number {
    return this.#sinceMs + this.#bounds.windowMs;
  }

  came(bytes: number, nowMs: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= this.#bounds.leastBytes) this.restart(nowMs);
  }

  /** A new window: it was not the client who kept the body waiting. */
  restart(nowMs: number): void {
    this.#bytes = 0;
    this.#sinceMs = nowMs;
  }
}
