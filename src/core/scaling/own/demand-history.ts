/**
 * Arrivals of late: counts of short ticks, which the rate is filtered from, and of longer buckets with the rate that was
 * expected at the end of each, which settings are chosen by. JSON-safe and bounded.
 */
export interface DemandHistory {
  readonly ticksPerBucket: number;
  /** Until when arrivals are counted; null before the first signals. */
  readonly seenMs: number | null;
  readonly openTick: { readonly fromMs: number; readonly arrivals: number };
  /** Of the newest closed ticks since the rate last changed, oldest first: what came before that is of another rate. */
  readonly ticks: readonly number[];
  readonly openBucket: { readonly ticks: number; readonly arrivals: number };
  /** Of closed buckets, oldest first. */
  readonly arrivals: readonly number[];
  /** Requests a second that level and trend expected one horizon after the end of the bucket with the same index. */
  readonly expected: readonly number[];
  /** Requests a second now, and its change a second. */
  readonly level: number;
  readonly trend: number;
  /** Variance of a reading's count over its mean: 1 for Poisson arrivals, 0 for a metronome. */
  readonly dispersion: number;
  readonly lastArrivalMs: number | null;
}

/** How the rate is looked at. */
export interface Lookout {
  /** Until capacity that is ordered now serves, milliseconds. */
  readonly horizonMs: number;
  /** A rush that is over within this long is no change of the rate: requests may wait for so long, milliseconds. */
  readonly passingMs: number;
}

export const tickMs = 2_000;
/** A rate says nothing of a longer time since the reading before: the policy was not asked, and nobody knows what arrived meanwhile. */
export const readingAtMostMs = 30_000;
export const bucketsKept = 2_400;
const levelMs = 30_000;
const leastTrendMs = 180_000;
const dispersionMs = 600_000;
const dispersionAtMost = 30;
/** A run of ticks this many standard deviations off the level is a change, not noise: chance 7e-6 for one look. */
const changeDeviations = 4.5;
const runs = [1, 2, 4, 8, 16] as const;
const ticksKept = 16;

export function beginHistory(ticksPerBucket: number): DemandHistory {
  return {
    ticksPerBucket,
    seenMs: null,
    openTick: { fromMs: 0, arrivals: 0 },
    ticks: [],
    openBucket: { ticks: 0, arrivals: 0 },
    arrivals: [],
    expected: [],
    level: 0,
    trend: 0,
    dispersion: 1,
    lastArrivalMs: null,
  };
}

/**
 * Adds what arrived up to `atMs` at a mean rate since the last time. A time that was seen before adds nothing; time for which
 * nothing is known (`ratePerSecond` null, or more than 30 s since the reading before) is left out, so that unknown never reads as silence, and a
 * long hold never as a load.
 */
export function observeArrivals(
  history: DemandHistory,
  atMs: number,
  ratePerSecond: number | null,
  lookout: Lookout,
): DemandHistory {
  const { seenMs } = history;
  if (seenMs !== null && atMs <= seenMs) return history;
  if (seenMs === null || ratePerSecond === null || atMs - seenMs > readingAtMostMs) {
    return { ...history, seenMs: atMs, openTick: { fromMs: atMs, arrivals: 0 } };
  }
  let next: DemandHistory = {
    ...history,
    dispersion: dispersionWith(history, ratePerSecond, atMs - seenMs),
    lastArrivalMs: ratePerSecond > 0 ? atMs : history.lastArrivalMs,
  };
  let fromMs = seenMs;
  while (fromMs < atMs) {
    const endMs = next.openTick.fromMs + tickMs;
    const untilMs = Math.min(atMs, endMs);
    const arrivals = next.openTick.arrivals + (ratePerSecond * (untilMs - fromMs)) / 1_000;
    next = { ...next, openTick: { ...next.openTick, arrivals } };
    if (untilMs === endMs) next = closeTick(next, lookout);
    fromMs = untilMs;
  }
  return { ...next, seenMs: atMs };
}

/** Requests a second expected `horizonMs` from now: level and trend (Holt 1957), the trend moving it by half at the most. */
export function expectedRate({ level, trend }: Pick<DemandHistory, 'level' | 'trend'>, horizonMs: number): number {
  const change = (trend * horizonMs) / 1_000;
  return level + Math.max(-level / 2, Math.min(level / 2, change));
}

/** What a turn reads of a history. Rates are requests a second. */
export interface Demand {
  readonly level: number;
  /** One horizon ahead. */
  readonly expectedPerSecond: number;
  /** When an order that takes a spare serves; the same without spares. */
  readonly soonPerSecond: number;
  readonly meanPerSecond: number;
  /** Greatest that was expected of late, and longer ago than what is going on now. */
  readonly peakPerSecond: number;
  readonly seenPerSecond: number;
  /** That the closed buckets cover, milliseconds. */
  readonly coveredMs: number;
}

/**
 * @param agoMs rates younger than this are of what is going on now
 * @param soonMs until an order that takes a spare serves
 */
export function demandOf(history: DemandHistory, horizonMs: number, agoMs: number, soonMs = horizonMs): Demand {
  return {
    level: history.level,
    expectedPerSecond: expectedRate(history, horizonMs),
    soonPerSecond: expectedRate(history, soonMs),
    meanPerSecond: meanRate(history),
    peakPerSecond: peakRate(history.expected),
    seenPerSecond: seenRate(history, agoMs),
    coveredMs: history.arrivals.length * history.ticksPerBucket * tickMs,
  };
}

/** Mean requests a second of all closed buckets; the level where there is none. */
export function meanRate({ arrivals, ticksPerBucket, level }: DemandHistory): number {
  if (arrivals.length === 0) return level;
  return (sumOf(arrivals) * 1_000) / (arrivals.length * ticksPerBucket * tickMs);
}

/** Sums by list: the lists are never written to, and are asked for several times between two buckets. */
const sums = new WeakMap<readonly number[], number>();

function sumOf(list: readonly number[]): number {
  const known = sums.get(list);
  if (known !== undefined) return known;
  let sum = 0;
  for (const value of list) sum += value;
  sums.set(list, sum);
  return sum;
}

/** Greatest rate that was expected longer than `agoMs` ago: what is going on now was not seen before by itself. 0 without any. */
export function seenRate({ expected, ticksPerBucket }: DemandHistory, agoMs: number): number {
  return greatestOf(expected, expected.length - Math.ceil(agoMs / (ticksPerBucket * tickMs)));
}

/** The greatest rate that was expected of late; 0 of nothing. */
export function peakRate(expected: readonly number[]): number {
  return greatestOf(expected, expected.length);
}

/** By list, and by how many of its values. */
const greatest = new WeakMap<readonly number[], Map<number, number>>();

function greatestOf(list: readonly number[], count: number): number {
  const known = greatest.get(list) ?? new Map<number, number>();
  const before = known.get(count);
  if (before !== undefined) return before;
  let most = 0;
  for (let at = 0; at < count; at += 1) {
    const value = list[at] as number;
    if (value > most) most = value;
  }
  greatest.set(list, known.set(count, most));
  return most;
}

function closeTick(history: DemandHistory, lookout: Lookout): DemandHistory {
  const { openTick, openBucket, ticksPerBucket } = history;
  const ticks = [...history.ticks, openTick.arrivals].slice(-ticksKept);
  const next = {
    ...history,
    ...filter(history, ticks, lookout),
    openTick: { fromMs: openTick.fromMs + tickMs, arrivals: 0 },
    openBucket: { ticks: openBucket.ticks + 1, arrivals: openBucket.arrivals + openTick.arrivals },
  };
  return next.openBucket.ticks < ticksPerBucket ? next : closeBucket(next, lookout);
}

function closeBucket(history: DemandHistory, { horizonMs }: Lookout): DemandHistory {
  return {
    ...history,
    openBucket: { ticks: 0, arrivals: 0 },
    arrivals: withNewest(history.arrivals, thousandths(history.openBucket.arrivals)),
    expected: withNewest(history.expected, thousandths(expectedRate(history, horizonMs))),
  };
}

/** One copy of a list that may be long, where a slice that something is added to is two. */
function withNewest(list: readonly number[], value: number): readonly number[] {
  if (list.length < bucketsKept) return [...list, value];
  const kept = list.slice(-bucketsKept);
  for (let at = 1; at < kept.length; at += 1) kept[at - 1] = kept[at] as number;
  kept[kept.length - 1] = value;
  return kept;
}

/**
 * Of readings, not of ticks: a reading that ends in the middle of a tick is spread over two, which makes both steadier than what
 * arrived. Further off than a change has to be it is one, and says little of how steady a rate is.
 */
function dispersionWith({ level, ticks, dispersion }: DemandHistory, ratePerSecond: number, windowMs: number): number {
  if (ticks.length < 2) return dispersion;
  const seconds = windowMs / 1_000;
  const squared = ((ratePerSecond - level) ** 2 * seconds) / Math.max(level, 1 / seconds);
  const atMost = changeDeviations ** 2 * Math.max(1, dispersion);
  // Where less than one request is expected, that none came says little.
  const share = Math.min(1, level * seconds) * (1 - Math.exp(-windowMs / dispersionMs));
  return clamp(dispersion + share * (Math.min(squared, atMost) - dispersion), 0, dispersionAtMost);
}

type Filtered = Pick<DemandHistory, 'level' | 'trend' | 'ticks'>;

function filter(
  { level, trend, dispersion }: Pick<DemandHistory, 'level' | 'trend' | 'dispersion'>,
  ticks: readonly number[],
  { horizonMs, passingMs }: Lookout,
): Filtered {
  const seconds = tickMs / 1_000;
  const rate = (ticks.at(-1) ?? 0) / seconds;
  if (ticks.length === 1) return { level: rate, trend: 0, ticks };
  const changed = changedRate(ticks, level, dispersion, passingMs);
  if (changed !== null) {
    return { level: changed.ratePerSecond, trend, ticks: ticks.slice(-changed.ticks) };
  }
  const expected = level + trend * seconds;
  // The first tick of a change has some of the old rate in it: it counts for nothing once there are others.
  const settling = 1 / (ticks.length - 1);
  const next = Math.max(0, expected + Math.max(settling, share(levelMs)) * (rate - expected));
  // A level that is still finding its place says nothing of a trend.
  const steeper = ticks.length < ticksKept ? 0 : (share(levelMs) * (rate - expected)) / seconds;
  return {
    level: next,
    trend: trend + share(Math.max(leastTrendMs, horizonMs)) * steeper,
    ticks,
  };
}

interface Change {
  readonly ratePerSecond: number;
  /** That it was seen in. */
  readonly ticks: number;
}

/**
 * Mean rate of the run of newest ticks that is furthest off the level, where that cannot be noise; else null. A run is at least
 * as long as half of what passes by itself.
 */
function changedRate(ticks: readonly number[], level: number, dispersion: number, passingMs: number): Change | null {
  const seconds = tickMs / 1_000;
  let [most, changed]: [number, Change | null] = [changeDeviations, null];
  for (const run of runs) {
    if (run > ticks.length) break;
    if (run * tickMs < passingMs / 2 && run < ticksKept) continue;
    let sum = 0;
    for (let at = ticks.length - run; at < ticks.length; at += 1) sum += ticks[at] ?? 0;
    const expected = level * run * seconds;
    const deviations = countDeviations(sum, Math.max(1, expected)) / Math.sqrt(Math.max(1, dispersion));
    if (deviations <= most) continue;
    [most, changed] = [deviations, { ratePerSecond: sum / (run * seconds), ticks: run }];
  }
  return changed;
}

/** Standard deviations between a Poisson count and its mean, by the root that makes them even on both sides (Anscombe 1948). */
function countDeviations(count: number, mean: number): number {
  return 2 * Math.abs(Math.sqrt(count + 3 / 8) - Math.sqrt(mean + 3 / 8));
}

/** Readings end between ticks, so that a tick has parts of requests: further digits would be most of what is recorded. */
const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000;
const share = (timeConstantMs: number): number => 1 - Math.exp(-tickMs / timeConstantMs);
const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));
