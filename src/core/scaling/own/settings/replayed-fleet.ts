/** Times in buckets, each at least 1. */
export interface FleetTimes {
  readonly startBuckets: number;
  readonly wakeBuckets: number;
  /** Spares that are kept: one that is taken is replaced after `startBuckets`. */
  readonly spares: number;
  readonly spareBuckets: number;
}

/**
 * Replicas of a replay. A step up wakes those that sleep, then takes spares, then starts anew; a step down gives up those that load first, the
 * youngest before the others, as the platform does.
 */
export class ReplayedFleet {
  ready = 0;
  loading = 0;
  asleep = 0;
  /** Loading ones, each by the share of a whole start that it will serve within one. */
  served = 0;
  /** Loading ones that were made of a spare, where none of them was given up. */
  soon = 0;
  /** Ordered in each of the last buckets, the one now at `#now`; one that was woken as if ordered so much earlier. */
  readonly #ordered: Float64Array;
  readonly #wakeBuckets: number;
  readonly #spares: number;
  readonly #spareBuckets: number;
  /** Of spares that were taken: when they are replaced, and when the replica serves; in order. */
  readonly #away: { readonly backAt: number; readonly servesAt: number; readonly count: number }[] = [];
  #awaySpares = 0;
  #now = 0;

  constructor({ startBuckets, wakeBuckets, spares, spareBuckets }: FleetTimes) {
    this.#ordered = new Float64Array(startBuckets);
    this.#wakeBuckets = Math.min(startBuckets, wakeBuckets);
    this.#spares = spares;
    this.#spareBuckets = Math.min(startBuckets, spareBuckets);
  }

  /** Returns the spares that are free in a bucket; asked for in order of time. */
  countSpares(at: number): number {
    this.soon = 0;
    while ((this.#away[0]?.backAt ?? Infinity) <= at) this.#awaySpares -= this.#away.shift()?.count ?? 0;
    for (const { servesAt, count } of this.#away) if (servesAt > at) this.soon += count;
    return this.#spares - this.#awaySpares;
  }

  /** A bucket later: what was ordered a start ago serves. */
  land(): void {
    const buckets = this.#ordered.length;
    this.#now = (this.#now + 1) % buckets;
    const landed = this.#ordered[this.#now] ?? 0;
    this.#ordered[this.#now] = 0;
    this.served += this.loading / buckets - landed;
    this.loading -= landed;
    this.ready += landed;
  }

  /**
   * @param asleep how many sleep afterwards at most
   * @param at bucket
   * @returns how many that served are stopped or go to sleep
   */
  want(desired: number, asleep: number, at: number): number {
    const missing = desired - this.ready - this.loading;
    if (missing > 0) {
      const woken = Math.min(missing, this.asleep);
      this.asleep -= woken;
      const taken = Math.min(missing - woken, this.#spares - this.#awaySpares);
      this.#order(missing - woken - taken, this.#ordered.length);
      this.#order(woken, this.#wakeBuckets);
      if (taken > 0) this.#take(taken, at);
    }
    const stopped = missing < 0 ? this.#shed(-missing) : 0;
    this.asleep = Math.min(asleep, this.asleep + stopped);
    return stopped;
  }

  #take(count: number, at: number): void {
    this.#order(count, this.#spareBuckets);
    this.#away.push({ backAt: at + this.#ordered.length, servesAt: at + this.#spareBuckets, count });
    this.#awaySpares += count;
  }

  #order(count: number, inBuckets: number): void {
    const buckets = this.#ordered.length;
    const slot = (this.#now + inBuckets) % buckets;
    this.#ordered[slot] = (this.#ordered[slot] ?? 0) + count;
    this.loading += count;
    this.served += (count * (buckets - inBuckets)) / buckets;
  }

  #shed(count: number): number {
    const buckets = this.#ordered.length;
    let left = count;
    for (let ago = 0; ago < buckets && left > 0 && this.loading > 0; ago += 1) {
      const slot = (this.#now - ago + buckets) % buckets;
      const shed = Math.min(left, this.#ordered[slot] ?? 0);
      this.#ordered[slot] = (this.#ordered[slot] ?? 0) - shed;
      this.loading -= shed;
      this.served -= (shed * ago) / buckets;
      left -= shed;
    }
    const stopped = Math.min(left, this.ready);
    this.ready -= stopped;
    return stopped;
  }
}
