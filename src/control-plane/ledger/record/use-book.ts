import type { FactClock } from '../../../core/cost/ledger/fact.ts';
import type { NewFact } from './new-fact.ts';

/** A claim on a device, and what its processes have used since they started; null where that cannot be read now. */
export interface ReadUse {
  readonly claim: string;
  readonly device: string;
  readonly totalMs: number | null;
}

interface Counter {
  readonly totalMs: number;
  /** Monotonic. */
  readonly atMs: number;
}

/**
 * What replicas used, from counters that are read now and then.
 *
 * | read | recorded |
 * |---|---|
 * | for the first time | nothing: what was used before belongs to nobody's time |
 * | more than before | the difference, over the time since |
 * | as much as before | 0: it was there and used nothing |
 * | less than before | nothing: something ended whose count went with it, and the counter goes on from here |
 * | nothing | nothing; what was read up to then stays |
 */
export class UseBook {
  readonly #counters = new Map<string, Counter>();

  /** Whether a claim was read before. */
  knows(claim: string): boolean {
    return this.#counters.has(claim);
  }

  take(reads: readonly ReadUse[], at: FactClock): readonly NewFact[] {
    const present = new Set(reads.map(({ claim }) => claim));
    for (const claim of [...this.#counters.keys()]) if (!present.has(claim)) this.#counters.delete(claim);
    return reads.flatMap(({ claim, device, totalMs }): readonly NewFact[] => {
      if (totalMs === null || !Number.isSafeInteger(totalMs) || totalMs < 0) return [];
      const before = this.#counters.get(claim);
      this.#counters.set(claim, { totalMs, atMs: at.monotonicMs });
      if (before === undefined || totalMs < before.totalMs || before.atMs >= at.monotonicMs) return [];
      const usedMs = totalMs - before.totalMs;
      return [{ kind: 'use-measured', claim, device, at, fromMonotonicMs: before.atMs, usedMs }];
    });
  }
}
