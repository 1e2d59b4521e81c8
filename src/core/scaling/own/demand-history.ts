/**
 * Arrivals of late in buckets, with the forecast that was made at the end of each: what the policy forecasts by, and what it
 * replays to choose its settings. JSON-safe and bounded.
 */
export interface DemandHistory {
  readonly bucketMs: number;
  /** Until when arrivals are counted; null before the first signals. */
  readonly seenMs: number | null;
  readonly open: { readonly fromMs: number; readonly arrivals: number };
  /** Of closed buckets, oldest first. */
  readonly arrivals: readonly number[];
  /** Requests a second expected one horizon after the end of the bucket with the same index. */
  readonly forecasts: readonly number[];
  /** Requests a second now, and its change a second. */
  readonly level: number;
  readonly trend: number;
  /** Variance of a bucket's count over its mean; 1 for Poisson arrivals. */
  readonly dispersion: number;
  readonly lastArrivalMs: number | null;
}

const bucketsKept = 1_200;
const levelMs = 30_000;
const leastTrendMs = 180_000;
const dispersionMs = 600_000;
const dispersionAtMost = 30;
/** A run of buckets this many standard deviations off the level is a change, not noise: chance 6e-5 for one look. */
const changeDeviations = 4;
const runs = [1, 2, 4, 8, 16] as const;

export function beginHistory(bucketMs: number): DemandHistory {
  return {
    bucketMs,
    seenMs: null,
    open: { fromMs: 0, arrivals: 0 },
    arrivals: [],
    forecasts: [],
    level: 0,
    trend: 0,
    dispersion: 1,
    lastArrivalMs: null,
  };
}

/**
 * Adds what arrived up to `atMs` at a mean rate since the last time. A time that was seen before adds nothing; time for which
 * nothing is known (`ratePerSecond` null) is left out, so that unknown never reads as silence.
 */
export function observeArrivals(
  history: DemandHistory,
  atMs: number,
  ratePerSecond: number | null,
  horizonMs: number,
): DemandHistory {
  const { seenMs } = history;
  if (seenMs !== null && atMs <= seenMs) return history;
  if (seenMs === null || ratePerSecond === null) {
    return { ...history, seenMs: atMs, open: { fromMs: atMs, arrivals: 0 } };
  }
  let next: DemandHistory = { ...history, lastArrivalMs: ratePerSecond > 0 ? atMs : history.lastArrivalMs };
  let fromMs = seenMs;
  while (fromMs < atMs) {
    const endMs = next.open.fromMs + next.bucketMs;
    const untilMs = Math.min(atMs, endMs);
    const arrivals = next.open.arrivals + (ratePerSecond * (untilMs - fromMs)) / 1_000;
    next = { ...next, open: { ...next.open, arrivals } };
    if (untilMs === endMs) next = closeBucket(next, horizonMs);
    fromMs = untilMs;
  }
  return { ...next, seenMs: atMs };
}

/** Requests a second expected `horizonMs` from now: level and trend (Holt 1957), the trend moving it by half at the most. */
export function forecastRate({ level, trend }: Pick<DemandHistory, 'level' | 'trend'>, horizonMs: number): number {
  const change = (trend * horizonMs) / 1_000;
  return level + Math.max(-level / 2, Math.min(level / 2, change));
}

function closeBucket(history: DemandHistory, horizonMs: number): DemandHistory {
  const { open, bucketMs } = history;
  const arrivals = kept([...history.arrivals, open.arrivals]);
  const filtered = { ...history, ...filter(history, arrivals, horizonMs) };
  return {
    ...filtered,
    arrivals,
    forecasts: kept([...history.forecasts, forecastRate(filtered, horizonMs)]),
    open: { fromMs: open.fromMs + bucketMs, arrivals: 0 },
  };
}

const kept = (values: readonly number[]): readonly number[] =>
  values.length > bucketsKept ? values.slice(-bucketsKept) : values;

function filter(
  { level, trend, dispersion, bucketMs }: DemandHistory,
  arrivals: readonly number[],
  horizonMs: number,
): Pick<DemandHistory, 'level' | 'trend' | 'dispersion'> {
  const seconds = bucketMs / 1_000;
  const rate = (arrivals.at(-1) ?? 0) / seconds;
  if (arrivals.length === 1) return { level: rate, trend: 0, dispersion };
  const changed = changedRate(arrivals, level, dispersion, seconds);
  if (changed !== null) return { level: changed, trend: 0, dispersion };
  const expected = level + trend * seconds;
  const next = Math.max(0, expected + share(bucketMs, levelMs) * (rate - expected));
  const slope = (next - level) / seconds;
  const squared = ((rate - level) ** 2 * seconds) / Math.max(level, 1 / seconds);
  return {
    level: next,
    trend: trend + share(bucketMs, Math.max(leastTrendMs, horizonMs)) * (slope - trend),
    dispersion: clamp(dispersion + share(bucketMs, dispersionMs) * (squared - dispersion), 1, dispersionAtMost),
  };
}

/** Mean rate of the run of newest buckets that is furthest off the level, where that cannot be noise; else null. */
function changedRate(arrivals: readonly number[], level: number, dispersion: number, seconds: number): number | null {
  let [most, changed]: [number, number | null] = [changeDeviations, null];
  for (const run of runs) {
    if (run > arrivals.length) break;
    let sum = 0;
    for (let at = arrivals.length - run; at < arrivals.length; at += 1) sum += arrivals[at] ?? 0;
    const expected = level * run * seconds;
    const deviations = Math.abs(sum - expected) / Math.sqrt(Math.max(1, expected) * dispersion);
    if (deviations <= most) continue;
    [most, changed] = [deviations, sum / (run * seconds)];
  }
  return changed;
}

const share = (stepMs: number, timeConstantMs: number): number => 1 - Math.exp(-stepMs / timeConstantMs);
const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));
