import type { Clock } from '../../ports/process/clock.ts';

/** Time that passes while somebody sleeps, and only then: for a command that waits, run whole. */
export class SelfMovingClock implements Clock {
  #monotonicMs = 0;
  readonly #startMs: number;

  constructor(startMs = 1_700_000_000_000) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#monotonicMs += durationMs;
    await Promise.resolve();
    signal?.throwIfAborted();
  }
}
