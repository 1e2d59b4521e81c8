import type { QuantileBudget } from '../../contract/contract.ts';
import { levelOf } from '../../evidence/kinds/capacity/capacity-measurements.ts';
import type { MeasuredHorizon } from '../../evidence/kinds/capacity/sustained-measurements.ts';
import { quantileOf } from '../../statistics/limits/quantile-limits.ts';
import { rounded, shownQuantiles } from '../measure-load.ts';
import type { StreamedAnswer } from '../streams/streamed-answer.ts';
import { isOfStreams, streamValues } from '../streams/stream-values.ts';
import { growthOf, type SentRequest } from './horizon-growth.ts';

/** What one horizon did, request by request, in the order in which they were due. */
export interface HorizonTimes {
  /** Of each request that counts, milliseconds since it was due; `Infinity` for one that failed. */
  readonly timesMs: readonly number[];
  /** Each request that was sent, those before the cut included, in the order in which they were due. */
  readonly sent: readonly SentRequest[];
  /** The streamed ones among those that were answered; null where none was. */
  readonly streamed: readonly StreamedAnswer[] | null;
  /** Requests that were due and were not waited for, because the horizon was certain to be outside. */
  readonly unseen: number;
  readonly refused: number;
  readonly underWay: number;
  /** Median, milliseconds. */
  readonly sendDelayMs: number;
}

/**
 * Returns the summary of a horizon. Requests that were not waited for are taken to have been as fast as can be, so that the
 * quantiles of a horizon that was cut short are lower limits. Numbers are rounded to what a measurement can tell.
 */
export function measureHorizon(
  { timesMs, sent, streamed, unseen, refused, underWay, sendDelayMs }: HorizonTimes,
  quantiles: readonly string[],
): MeasuredHorizon {
  const sorted = new Float64Array(timesMs.length + unseen);
  sorted.set(timesMs, unseen);
  sorted.sort();
  const answered = timesMs.filter((timeMs) => timeMs < Infinity);
  const failed = timesMs.length - answered.length;
  const names = [...new Set([...shownQuantiles, ...quantiles])].sort((a, b) => levelOf(a) - levelOf(b));
  const measured = names.flatMap((name) => {
    const values = isOfStreams(name) ? withUnseen(streamValues(name, streamed, failed), unseen) : sorted;
    return values === null ? [] : [[name, rounded(quantileOf(values, levelOf(name)))] as const];
  });
  return {
    requests: sorted.length,
    failed,
    refused,
    meanMs: answered.length === 0 ? null : rounded(answered.reduce((sum, timeMs) => sum + timeMs, 0) / answered.length),
    quantiles: Object.fromEntries(measured),
    underWay: rounded(underWay) ?? 0,
    isCutShort: unseen > 0,
    sendDelayMs: rounded(sendDelayMs) ?? 0,
    growth: unseen > 0 ? null : rounded(growthOf(sent)),
  };
}

/** What was not waited for is taken to have been as fast as can be. */
function withUnseen(sorted: Float64Array | null, unseen: number): Float64Array | null {
  return sorted === null || unseen === 0 ? sorted : Float64Array.from([...new Float64Array(unseen), ...sorted]);
}

/**
 * How many late requests make a horizon of so many requests certain to be outside, by the limit that each is late beyond.
 *
 * Worked: p95 of 1,000 requests is the 950th: with 51 above the limit it is outside. Without an objective one failure is enough. Quantiles of token
 * streams end no horizon.
 */
export function lateAllowed(
  requests: number,
  objective: QuantileBudget | null,
): readonly { readonly limitMs: number; readonly atMost: number }[] {
  if (objective === null) return [{ limitMs: Number.MAX_VALUE, atMost: 0 }];
  const ofAnswers = Object.entries(objective).filter(([name]) => !isOfStreams(name));
  return ofAnswers.map(([name, limitMs]) => ({
    limitMs,
    atMost: requests - Math.max(1, Math.ceil(levelOf(name) * requests)),
  }));
}
