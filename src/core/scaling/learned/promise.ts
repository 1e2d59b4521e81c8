/** What a decision promises, and has to be held against. JSON-safe. */
export type Promised =
  | {
      /** Requests are late, and will not be by then. */
      readonly kind: 'drained';
      readonly fromMs: number;
      readonly untilMs: number;
      /** Requests a second that it was made for, at the most. */
      readonly ratePerSecond: number;
      readonly arrivals: number;
    }
  | {
      /** None are late, and of those that come in the next time no more than a share will be. */
      readonly kind: 'carried';
      /** Time with arrivals that is left until it is checked, milliseconds. */
      readonly leftMs: number;
      readonly arrivals: number;
      readonly late: number;
    };

/** What was seen between two decisions. */
export interface PromiseTick {
  readonly atMs: number;
  readonly elapsedMs: number;
  readonly arrivals: number;
  /** The oldest request that waits has waited too long. */
  readonly late: boolean;
  /** Nothing was promised of it: a rate beyond all that was seen, or as many replicas as there may be. */
  readonly excused: boolean;
}

/** What promises are made by. */
export interface PromiseTerms {
  /** Until nearly every start is ready, milliseconds. */
  readonly latestStartMs: number;
  /** In which a backlog is drained by those that are ready, milliseconds. */
  readonly drainMs: number;
  /** Rate that replicas were ordered for. */
  readonly forecastPerSecond: number;
  readonly allowedLateShare: number;
}

/** Of drains that right evidence promises at most so many are not done by then: a start fails, or demand comes in a lump. */
const brokenDrainShare = 0.1;
/** More than was forecast, by this factor, is another demand: nothing was promised of it. */
const forecastFactor = 1.25;
const carriedAtLeastMs = 300_000;
const carriedStarts = 2;
/** Stakes: the part of the capital that is bet on a promise being broken. */
const [drainStake, carriedStake] = [0.8, 0.3] as const;
/** More late ones than this many times what is allowed count as so many. */
const lateTimesAtMost = 60;

/** Returns the promise that a decision makes now; null where it makes none. */
export function makePromise(tick: PromiseTick, terms: PromiseTerms): Promised | null {
  if (tick.excused) return null;
  if (tick.late) {
    return {
      kind: 'drained',
      fromMs: tick.atMs,
      untilMs: tick.atMs + terms.latestStartMs + terms.drainMs,
      ratePerSecond: forecastFactor * terms.forecastPerSecond,
      arrivals: 0,
    };
  }
  if (tick.arrivals === 0) return null;
  return {
    kind: 'carried',
    leftMs: Math.max(carriedAtLeastMs, carriedStarts * terms.latestStartMs),
    arrivals: 0,
    late: 0,
  };
}

/**
 * Returns the promise as it stands, or, once it is over, the factor that it is worth: above 1 where it was broken, below where it was kept,
 * 1 where it says nothing.
 */
export function checkPromise(
  promise: Promised,
  tick: PromiseTick,
  allowedLateShare: number,
): { readonly open: Promised } | { readonly factor: number; readonly kept: boolean } {
  if (promise.kind === 'drained') {
    if (!tick.late) return { factor: 1 - drainStake, kept: true };
    if (tick.excused) return { factor: 1, kept: false };
    const arrivals = promise.arrivals + tick.arrivals;
    if (tick.atMs < promise.untilMs) return { open: { ...promise, arrivals } };
    const isMore = arrivals > (promise.ratePerSecond * (tick.atMs - promise.fromMs)) / 1_000;
    return { factor: isMore ? 1 : 1 - drainStake + drainStake / brokenDrainShare, kept: false };
  }
  if (tick.arrivals === 0 || tick.excused) return { open: promise };
  const next = {
    ...promise,
    leftMs: promise.leftMs - tick.elapsedMs,
    arrivals: promise.arrivals + tick.arrivals,
    late: promise.late + (tick.late ? tick.arrivals : 0),
  };
  if (next.leftMs > 0) return { open: next };
  const times = Math.min(lateTimesAtMost, next.late / next.arrivals / allowedLateShare);
  return { factor: 1 - carriedStake + carriedStake * times, kept: times <= 1 };
}
