import type { AcceleratorSeconds } from './world.ts';

export type AccountedState = keyof AcceleratorSeconds;

/** Integral of the replicas that hold an accelerator, by what they do, over the scored time. */
export class AcceleratorAccount {
  serving = 0;
  idle = 0;
  loading = 0;
  draining = 0;
  readonly #untilMs: number;
  #seenAtMs: number;
  #sums = new Float64Array(4);

  /** Counted from `fromMs` up to `untilMs`. */
  constructor(fromMs: number, untilMs: number) {
    this.#seenAtMs = fromMs;
    this.#untilMs = untilMs;
  }

  get held(): number {
    return this.serving + this.idle + this.loading + this.draining;
  }

  /** Brings the sums up to `nowMs`; to be called before a count changes. */
  advance(nowMs: number): void {
    const durationMs = Math.min(nowMs, this.#untilMs) - this.#seenAtMs;
    if (durationMs <= 0) return;
    const sums = this.#sums as unknown as [number, number, number, number];
    sums[0] += this.serving * durationMs;
    sums[1] += this.idle * durationMs;
    sums[2] += this.loading * durationMs;
    sums[3] += this.draining * durationMs;
    this.#seenAtMs += durationMs;
  }

  change(nowMs: number, from: AccountedState | null, to: AccountedState | null): void {
    if (from === to) return;
    this.advance(nowMs);
    if (from !== null) this[from] -= 1;
    if (to !== null) this[to] += 1;
  }

  seconds(): AcceleratorSeconds {
    const [serving = 0, idle = 0, loading = 0, draining = 0] = [...this.#sums].map((ms) => ms / 1_000);
    return { serving, idle, loading, draining };
  }
}
