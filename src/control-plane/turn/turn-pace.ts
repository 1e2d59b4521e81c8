import type { Clock } from '../../ports/process/clock.ts';

/** A turn that a change asks for begins this long after the one before began, at the soonest. */
const changeTurnsApartMs = 200;

/** Waits between two turns, unless something changed meanwhile: then the next one is due at once, or soon. */
export class TurnPace {
  readonly #clock: Clock;
  #asked: 'no' | 'soon' | 'now' = 'no';
  #beganMs = -Infinity;
  #wake: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The next turn is due at once. */
  kick(): void {
    this.#asked = 'now';
    this.#wake();
  }

  /** The next turn is due soon: changes that come in numbers are seen by one turn. */
  hint(): void {
    if (this.#asked === 'no') this.#asked = 'soon';
    this.#wake();
  }

  /** What changed before is seen by the turn that begins now. */
  begin(): void {
    this.#asked = 'no';
    this.#beganMs = this.#clock.monotonicMs();
  }

  /** Resolves when the next turn is due, `everyMs` from now where nothing changes. */
  async next(everyMs: number, signal: AbortSignal): Promise<void> {
    const dueMs = this.#clock.monotonicMs() + everyMs;
    while (!signal.aborted) {
      const leftMs = this.#leftMs(dueMs);
      if (leftMs <= 0) return;
      await this.#sleep(leftMs, signal);
    }
  }

  #leftMs(dueMs: number): number {
    if (this.#asked === 'now') return 0;
    const soonMs = this.#asked === 'soon' ? this.#beganMs + changeTurnsApartMs : Infinity;
    return Math.min(dueMs, soonMs) - this.#clock.monotonicMs();
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const stop = (): void => {
      waiting.abort();
    };
    this.#wake = stop;
    signal.addEventListener('abort', stop, { once: true });
    await this.#clock.sleep(ms, waiting.signal).catch(() => undefined);
    signal.removeEventListener('abort', stop);
  }
}
