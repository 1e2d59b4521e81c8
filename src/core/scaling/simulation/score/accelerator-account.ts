import type { AcceleratorSeconds } from '../world.ts';

export type AccountedState = keyof AcceleratorSeconds;

/** Integral of the replicas that hold an accelerator or sleep, by what they do, over the scored time. */
export class AcceleratorAccount {
  serving = 0;
  idle = 0;
  loading = 0;
  draining = 0;
  asleep = 0;
  readonly #sleepShare: number;
  readonly #untilMs: number;
  #seenAtMs: number;
  #sums = new Float64Array(5);

  /** Counted from `fromMs` up to `untilMs`; a second of sleep for `sleepShare` of one. */
  constructor(fromMs: number, untilMs: number, sleepShare = 0) {
    this.#sleepShare = sleepShare;
    this.#seenAtMs = fromMs;
    this.#untilMs = untilMs;
  }

  /** Accelerators that nobody else may have; a sleeping replica keeps its own, so that waking it waits for none. */
  get held(): number {
    return this.serving + this.idle + this.loading + this.draining + this.asleep;
  }

  /** Brings the sums up to `nowMs`; to be called before a count changes. */
  advance(nowMs: number): void {
    const durationMs = Math.min(nowMs, this.#untilMs) - this.#seenAtMs;
    if (durationMs <= 0) return;
    const sums = this.#sums as unknown as [number, number, number, number, number];
    sums[0] += this.serving * durationMs;
    sums[1] += this.idle * durationMs;
    sums[2] += this.loading * durationMs;
    sums[3] += this.draining * durationMs;
    sums[4] += this.asleep * durationMs;
    this.#seenAtMs += durationMs;
  }

  change(nowMs: number, from: AccountedState | null, to: AccountedState | null): void {
    if (from === to) return;
    this.advance(nowMs);
    if (from !== null) this[from] -= 1;
    if (to !== null) this[to] += 1;
  }

  seconds(): AcceleratorSeconds {
    const [serving = 0, idle = 0, loading = 0, draining = 0, asleep = 0] = [...this.#sums].map((ms) => ms / 1_000);
    return { serving, idle, loading, draining, asleep: asleep * this.#sleepShare };
  }
}
