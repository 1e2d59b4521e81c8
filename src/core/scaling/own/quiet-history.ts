import {
  bucketsKept,
  expectedRate,
  observeArrivals,
  tickMs,
  type Demand,
  type DemandHistory,
  type Lookout,
} from './demand-history.ts';

/**
 * A history to which silence is added, reading after reading. It gives what `observeArrivals` and `demandOf` give, to the bit, and copies
 * its long lists once where they copy them for each bucket.
 */
export class QuietHistory {
  /** As it is now, but for its lists, which hold the buckets of one reading only. */
  #now: DemandHistory;
  readonly #arrivals: number[];
  readonly #expected: number[];
  readonly #peak: SlidingMost;
  readonly #past: SlidingMost;
  #mean: number | null = null;

  constructor(history: DemandHistory) {
    this.#now = { ...history, arrivals: [], expected: [] };
    this.#arrivals = [...history.arrivals];
    this.#expected = [...history.expected];
    this.#peak = new SlidingMost(this.#expected);
    this.#past = new SlidingMost(this.#expected);
  }

  get seenMs(): number | null {
    return this.#now.seenMs;
  }

  get lastArrivalMs(): number | null {
    return this.#now.lastArrivalMs;
  }

  observe(atMs: number, lookout: Lookout): void {
    const { arrivals, expected, ...next } = observeArrivals(this.#now, atMs, 0, lookout);
    for (const [index, count] of arrivals.entries()) {
      const dropped = this.#arrivals.length < bucketsKept ? null : this.#arrivals[this.#arrivals.length - bucketsKept];
      this.#arrivals.push(count);
      this.#expected.push(expected[index] ?? 0);
      // A sum from the oldest on stays what it is, to the bit, where a zero leaves at its beginning and one comes at its end.
      if (count !== 0 || dropped !== 0) this.#mean = null;
    }
    this.#now = { ...next, arrivals: [], expected: [] };
  }

  demand(horizonMs: number, agoMs: number, soonMs = horizonMs): Demand {
    const { level, ticksPerBucket } = this.#now;
    const bucketMs = ticksPerBucket * tickMs;
    const [from, to] = [this.#from, this.#expected.length];
    return {
      level,
      expectedPerSecond: expectedRate(this.#now, horizonMs),
      soonPerSecond: expectedRate(this.#now, soonMs),
      meanPerSecond: to === 0 ? level : (this.#mean ??= this.#meanRate(bucketMs)),
      peakPerSecond: this.#peak.most(from, to),
      seenPerSecond: this.#past.most(from, Math.max(from, to - Math.ceil(agoMs / bucketMs))),
      coveredMs: (to - from) * bucketMs,
    };
  }

  history(): DemandHistory {
    const from = this.#from;
    return { ...this.#now, arrivals: this.#arrivals.slice(from), expected: this.#expected.slice(from) };
  }

  get #from(): number {
    return Math.max(0, this.#arrivals.length - bucketsKept);
  }

  #meanRate(bucketMs: number): number {
    let sum = 0;
    for (let at = this.#from; at < this.#arrivals.length; at += 1) sum += this.#arrivals[at] as number;
    return (sum * 1_000) / ((this.#arrivals.length - this.#from) * bucketMs);
  }
}

/** The greatest of a window of a list that only grows, while the window only moves on; 0 of nothing. */
class SlidingMost {
  readonly #list: readonly number[];
  #from = 0;
  #to = 0;
  #most = 0;

  constructor(list: readonly number[]) {
    this.#list = list;
  }

  most(from: number, to: number): number {
    let leaves = to < this.#to;
    for (let at = this.#from; at < from && !leaves; at += 1) leaves = this.#list[at] === this.#most && this.#most > 0;
    const begin = leaves ? from : Math.max(from, this.#to);
    if (leaves) this.#most = 0;
    for (let at = begin; at < to; at += 1) this.#most = Math.max(this.#most, this.#list[at] as number);
    [this.#from, this.#to] = [from, to];
    return this.#most;
  }
}
