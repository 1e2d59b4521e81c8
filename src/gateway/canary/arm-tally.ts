import type { ArmInterval } from '../../core/rollout/judge/canary.ts';
import { latencyBinOf } from '../../core/rollout/judge/latency-bins.ts';

/** Counts the units of one arm, until they are taken. */
export class ArmTally {
  #units = 0;
  #errors = 0;
  #latency: Record<number, number> = {};

  /** @param latencyMs null for a unit without any answer. */
  count(failed: boolean, latencyMs: number | null): void {
    this.#units += 1;
    if (failed) this.#errors += 1;
    if (latencyMs === null) return;
    const bin = latencyBinOf(latencyMs);
    this.#latency[bin] = (this.#latency[bin] ?? 0) + 1;
  }

  get units(): number {
    return this.#units;
  }

  /** Starts anew. */
  take(): ArmInterval {
    const taken = { units: this.#units, errors: this.#errors, latency: this.#latency };
    this.#units = 0;
    this.#errors = 0;
    this.#latency = {};
    return taken;
  }
}
