import type { PolicyInput } from '../../policy.ts';
import type { SimulatedSpares } from '../world.ts';

/** Spares of a simulated service: one that is taken is replaced after `replaceMs`. */
export class SparePool {
  readonly #spares: SimulatedSpares;
  /** When those that were taken are replaced, in order. */
  readonly #backAtMs: number[] = [];

  constructor(spares: SimulatedSpares) {
    this.#spares = spares;
  }

  free(nowMs: number): number {
    while ((this.#backAtMs[0] ?? Infinity) <= nowMs) this.#backAtMs.shift();
    return this.#spares.count - this.#backAtMs.length;
  }

  isFull(nowMs: number): boolean {
    return this.free(nowMs) === this.#spares.count;
  }

  /** Whether there was one. */
  take(nowMs: number): boolean {
    if (this.free(nowMs) === 0) return false;
    this.#backAtMs.push(nowMs + this.#spares.replaceMs);
    return true;
  }

  /** What a policy is told of them. */
  told(nowMs: number): Pick<PolicyInput, 'spares'> {
    const { isTold, count, starts } = this.#spares;
    return isTold ? { spares: { free: this.free(nowMs), found: count, starts } } : {};
  }
}
