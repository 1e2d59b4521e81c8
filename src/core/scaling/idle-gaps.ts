import { meanReadyTimeMs } from '../coldstart/start-times.ts';
import type { StartDistribution } from '../coldstart/start-distribution.ts';
import type { ScalingPrices } from '../cost/prices/scaling-prices.ts';

/** What it costs to keep the last replica for so long after the last request, over the gaps that were seen. */
export interface KeepAlive {
  /** How long an idle replica is kept, milliseconds; infinite: for ever. */
  readonly keepAliveMs: number;
  readonly gapsOutlasted: number;
  /** Share of the gaps that lasted longer than `keepAliveMs` and ended within one mean start after it. */
  readonly hazard: number | null;
  readonly idleSeconds: number;
  readonly loadingSeconds: number;
  /** Requests that came while nothing was ready: those that end a gap, and what follows each during a start. */
  readonly coldRequests: number;
  /** All of it at the prices. */
  readonly cost: number;
}

export interface IdleGaps {
  /** Times without any request, milliseconds. */
  readonly gapsMs: readonly number[];
  /** Requests a second while there are any. */
  readonly busyPerSecond: number;
}

/** Gaps of at least `leastMs` between arrivals, and the rate in between. Times in order, milliseconds. */
export function idleGaps(timesMs: Iterable<number>, leastMs: number): IdleGaps {
  const gapsMs: number[] = [];
  let [before, first, count, idleMs]: [number | null, number | null, number, number] = [null, null, 0, 0];
  for (const atMs of timesMs) {
    first ??= atMs;
    if (before !== null && atMs - before >= leastMs) {
      gapsMs.push(atMs - before);
      idleMs += atMs - before;
    }
    before = atMs;
    count += 1;
  }
  const busyMs = (before ?? 0) - (first ?? 0) - idleMs;
  return { gapsMs, busyPerSecond: busyMs > 0 ? ((count - 1 - gapsMs.length) * 1_000) / busyMs : 0 };
}

/**
 * Cost of keeping the last replica for each of some times, from not at all to for ever. A gap shorter than the time costs its
 * idleness; a longer one costs the time, a start, and the requests that wait through that start and are late.
 *
 * Worked: one gap of 100 s, a start of 10 s, 1 request/s: kept for ever 100 idle seconds; not at all 10 loading seconds and
 * 11 late requests.
 */
export function keepAliveCurve(
  { gapsMs, busyPerSecond }: IdleGaps,
  starts: StartDistribution,
  latencyMs: number,
  prices: ScalingPrices,
): readonly KeepAlive[] {
  const startMs = meanReadyTimeMs(starts);
  const lateForMs = Math.max(0, startMs - latencyMs);
  const latePerCold = lateForMs > 0 ? 1 + (busyPerSecond * lateForMs) / 1_000 : 0;
  return keepAliveTimes(gapsMs, startMs).map((keepAliveMs) => {
    const idleMs = gapsMs.reduce((sum, gapMs) => sum + Math.min(gapMs, keepAliveMs), 0);
    const longer = gapsMs.filter((gapMs) => gapMs > keepAliveMs);
    const soon = longer.filter((gapMs) => gapMs <= keepAliveMs + startMs).length;
    const loadingSeconds = (longer.length * startMs) / 1_000;
    const coldRequests = longer.length * latePerCold;
    return {
      keepAliveMs,
      gapsOutlasted: longer.length,
      hazard: longer.length === 0 ? null : soon / longer.length,
      idleSeconds: idleMs / 1_000,
      loadingSeconds,
      coldRequests,
      cost: (idleMs / 1_000 + loadingSeconds) * prices.acceleratorSecond + coldRequests * prices.lateRequest,
    };
  });
}

/** The cheapest of a curve; of equals the one that keeps the longest. */
export function cheapestKeepAlive(curve: readonly KeepAlive[]): KeepAlive | null {
  return curve.reduce<KeepAlive | null>((best, each) => (best === null || each.cost <= best.cost ? each : best), null);
}

const steps = 24;

/** None, some between a tenth of a start and the longest gap in equal ratios, and for ever. */
function keepAliveTimes(gapsMs: readonly number[], startMs: number): readonly number[] {
  const longest = gapsMs.reduce((most, gapMs) => Math.max(most, gapMs), 0);
  const least = Math.max(1, startMs / 10);
  if (longest <= least) return [0, Number.POSITIVE_INFINITY];
  const between = Array.from({ length: steps }, (_, step) => least * (longest / least) ** (step / (steps - 1)));
  return [0, ...between.map((timeMs) => Math.round(timeMs)), Number.POSITIVE_INFINITY];
}
