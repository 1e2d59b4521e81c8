import type { Clock } from '../../ports/process/clock.ts';

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

/** Time that moves only when a test says so. */
export class FakeClock implements Clock {
  #monotonicMs = 0;
  #steppedMs = 0;
  readonly #startMs: number;
  #sleepers: Sleeper[] = [];

  constructor(startMs = 1_700_000_000_000) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + this.#monotonicMs + this.#steppedMs;
  }

  /** Somebody sets the time of day; what has passed stays what it is. */
  stepTimeOfDay(byMs: number): void {
    this.#steppedMs += byMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** How many callers sleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Milliseconds until the next sleeper wakes; null when nobody sleeps. */
  get nextWakeInMs(): number | null {
    if (this.#sleepers.length === 0) return null;
    return Math.max(0, Math.min(...this.#sleepers.map(({ wakeAtMs }) => wakeAtMs)) - this.#monotonicMs);
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal?.reason as Error);
      };
      const sleeper = {
        wakeAtMs: this.#monotonicMs + durationMs,
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.push(sleeper);
    });
  }

  /** Moves time on, waking sleepers in order, and lets what they started run. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#monotonicMs + durationMs;
    for (;;) {
      const [next] = this.#sleepers.filter((each) => each.wakeAtMs <= endMs).sort((a, b) => a.wakeAtMs - b.wakeAtMs);
      if (next === undefined) break;
      this.#monotonicMs = Math.max(this.#monotonicMs, next.wakeAtMs);
      this.#sleepers = this.#sleepers.filter((each) => each !== next);
      next.wake();
      await settled();
    }
    this.#monotonicMs = endMs;
    await settled();
  }
}

/** Lets promises that are ready run, and callbacks of setImmediate. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
