/**
 * A bound that all services of a gateway share. A service may take as much as is still free ("dynamic thresholds", Choudhury
 * and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998), so that no flood takes what the others need:
 *
 * | services that take all they can | each gets | stays free for the others |
 * |---|---|---|
 * | 1 of several | 1/2 | 1/2 |
 * | 2 | 1/3 | 1/3 |
 * | k | 1/(k+1) | 1/(k+1) |
 * | the only service | all | |
 */
export class SharedBound {
  readonly limit: number;
  used = 0;
  shares = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  share(): Share {
    return new Share(this);
  }
}

/** What one service has taken of a bound. */
export class Share {
  used = 0;
  #closed = false;
  readonly #bound: SharedBound;

  constructor(bound: SharedBound) {
    this.#bound = bound;
    bound.shares += 1;
  }

  /** False, and nothing is taken, where the bound has no more for this service. */
  take(amount: number): boolean {
    if (this.#closed) return false;
    const bound = this.#bound;
    const kept = bound.shares > 1 ? this.used : 0;
    if (bound.used + kept + amount > bound.limit) return false;
    bound.used += amount;
    this.used += amount;
    return true;
  }

  free(amount: number): void {
    if (this.#closed) return;
    this.#bound.used -= amount;
    this.used -= amount;
  }

  /** Gives everything back, once and for all: the bound is for the others. */
  close(): void {
    if (this.#closed) return;
    this.#bound.used -= this.used;
    this.#bound.shares -= 1;
    this.used = 0;
    this.#closed = true;
  }
}
