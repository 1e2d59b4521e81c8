import type { Counters } from './instrument.ts';

/** Counts fall into classes as in AFL: once, twice, thrice, a few, some, many. A new class is as new as a new branch. */
const classOf = (count: number): number => {
  if (count <= 3) return 1 << (count - 1);
  if (count <= 7) return 8;
  if (count <= 15) return 16;
  if (count <= 31) return 32;
  return count <= 127 ? 64 : 128;
};

/** What was reached so far, and whether an input reached more. */
export class Coverage {
  readonly #counters: Counters;
  #seen = new Uint8Array(1 << 16);
  #branches = 0;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  get branches(): number {
    return this.#branches;
  }

  reset(): void {
    this.#counters.counts.fill(0, 0, this.#counters.used());
  }

  /** True when the counts since `reset` hold something that no input had before. */
  takeNew(): boolean {
    const { counts } = this.#counters;
    const used = this.#counters.used();
    let isNew = false;
    for (let index = 0; index < used; index += 1) {
      const count = counts[index] ?? 0;
      if (count === 0) continue;
      const seen = this.#seen[index] ?? 0;
      const bit = classOf(count);
      if ((seen & bit) !== 0) continue;
      if (seen === 0) this.#branches += 1;
      this.#seen[index] = seen | bit;
      isNew = true;
    }
    return isNew;
  }

  /** What an input reached, as numbers that can be compared, for the choice of a small corpus. */
  taken(): readonly number[] {
    const { counts } = this.#counters;
    const taken: number[] = [];
    for (let index = 0; index < this.#counters.used(); index += 1) {
      const count = counts[index] ?? 0;
      if (count > 0) taken.push(index * 256 + classOf(count));
    }
    return taken;
  }
}
