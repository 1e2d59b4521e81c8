import type { Clock } from '../../ports/process/clock.ts';

/** Turns that run at once; each is a handful of reads and one transaction. */
const slotsAtOnce = 8;
/** A turn that takes longer keeps its service waiting and nobody else. */
const slotHeldMs = 5_000;
/** Turns that wait for nothing let no timer run, nor the one of the lease: after so many the next ones stand back. */
const turnsAtMost = 16;

/**
 * A fair queue: whoever waits longest is next, each service waits at most once, and a turn that hangs gives its slot back
 * after a while.
 */
export class TurnSlots {
  readonly #clock: Clock;
  readonly #atOnce: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];
  #begun = 0;
  #pause: Promise<void> = Promise.resolve();

  constructor(clock: Clock, atOnce: number = slotsAtOnce) {
    this.#clock = clock;
    this.#atOnce = atOnce;
    this.#free = atOnce;
  }

  /** How many turns are in their slots now. */
  get taken(): number {
    return this.#atOnce - this.#free;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when `work` is over, which may be long after its slot was given back. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#take();
    await this.#standBack();
    const over = new AbortController();
    const working = (async () => work())();
    const done = working.finally(() => {
      over.abort();
    });
    void Promise.race([
      done.then(
        () => undefined,
        () => undefined,
      ),
      this.#clock.sleep(slotHeldMs, over.signal).catch(() => undefined),
    ]).then(() => {
      this.#giveBack();
    });
    return done;
  }

  async #standBack(): Promise<void> {
    this.#begun += 1;
    if (this.#begun % turnsAtMost === 0) this.#pause = new Promise((resolve) => setImmediate(resolve));
    await this.#pause;
  }

  async #take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
