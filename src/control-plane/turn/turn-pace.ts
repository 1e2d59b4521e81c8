import type { Clock } from '../../ports/process/clock.ts';

/** Waits between two turns, unless something changed meanwhile: then the next one is due at once. */
export class TurnPace {
  readonly #clock: Clock;
  #kicked = false;
  #wake: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  kick(): void {
    this.#kicked = true;
    this.#wake();
  }

  /** What changed before is seen by the turn that begins now. */
  begin(): void {
    this.#kicked = false;
  }

  async next(everyMs: number, signal: AbortSignal): Promise<void> {
    if (this.#kicked || signal.aborted) return;
    const waiting = new AbortController();
    const stop = (): void => {
      waiting.abort();
    };
    this.#wake = stop;
    signal.addEventListener('abort', stop, { once: true });
    await this.#clock.sleep(everyMs, waiting.signal).catch(() => undefined);
    signal.removeEventListener('abort', stop);
  }
}
