import type { FactClock } from '../../../core/cost/ledger/fact.ts';
import type { NewFact } from './new-fact.ts';

/** A claim on a device, and what its processes have used since they started; null where that cannot be read now. */
export interface ReadUse {
  readonly claim: string;
  readonly device: string;
  readonly totalMs: number | null;
}

interface Reading {
  readonly totalMs: number;
  readonly at: FactClock;
}

/** Where a counter stood when its growth was recorded last, and where it stood when it was read last. */
interface Counter {
  readonly device: string;
  readonly from: Reading;
  readonly to: Reading;
}

/**
 * What replicas used, from counters that are read more often than they are recorded, so that of a replica that ends only the time
 * since the last reading is unknown.
 *
 * | read | growth |
 * |---|---|
 * | for the first time | none: what was used before belongs to nobody's time |
 * | more than before | the difference, over the time since |
 * | as much as before | 0: it was there and used nothing |
 * | less than before | none: something ended whose count went with it, and the counter goes on from here |
 * | nothing | none; what was read up to then stays |
 */
export class UseBook {
  readonly #counters = new Map<string, Counter>();
  /** Growth up to where a counter went back. */
  readonly #before = new Map<string, readonly NewFact[]>();

  /** Whether a claim was read before. */
  knows(claim: string): boolean {
    return this.#counters.has(claim);
  }

  read(reads: readonly ReadUse[], at: FactClock): void {
    for (const { claim, device, totalMs } of reads) {
      if (totalMs === null || !Number.isSafeInteger(totalMs) || totalMs < 0) continue;
      const [reading, known] = [{ totalMs, at }, this.#counters.get(claim)];
      const goesOn = known !== undefined && totalMs >= known.to.totalMs && known.device === device;
      if (known !== undefined && !goesOn) {
        this.#before.set(claim, [...(this.#before.get(claim) ?? []), ...growthOf(claim, known)]);
      }
      this.#counters.set(claim, { device, from: goesOn ? known.from : reading, to: reading });
    }
  }

  /** Returns growth of these claims that was not returned yet, up to their last reading. */
  take(claims: readonly string[]): readonly NewFact[] {
    return claims.flatMap((claim) => {
      const facts = this.#before.get(claim) ?? [];
      const known = this.#counters.get(claim);
      this.#before.delete(claim);
      if (known === undefined) return facts;
      this.#counters.set(claim, { ...known, from: known.to });
      return [...facts, ...growthOf(claim, known)];
    });
  }

  /** These claims ended: the same as `take`, for the last time. */
  end(claims: readonly string[]): readonly NewFact[] {
    const facts = this.take(claims);
    for (const claim of claims) this.#counters.delete(claim);
    return facts;
  }
}

function growthOf(claim: string, { device, from, to }: Counter): readonly NewFact[] {
  const fromMonotonicMs = from.at.monotonicMs;
  if (fromMonotonicMs >= to.at.monotonicMs) return [];
  return [{ kind: 'use-measured', claim, device, at: to.at, fromMonotonicMs, usedMs: to.totalMs - from.totalMs }];
}
