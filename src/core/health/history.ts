import { addOutcomes, quantileOf, type OutcomeSpan } from './outcomes.ts';

/** What a span of time showed: the outcomes of its requests, and what was measured beside them. */
export interface HistorySpan extends OutcomeSpan {
  /** The largest that was seen. Null as the others: nobody measured it. */
  readonly queueDepth: number | null;
  /** Means. */
  readonly inFlight: number | null;
  readonly batchFillShare: number | null;
}

/** One point of a chart of the history. */
export interface HistoryPoint {
  /** The end of its span. */
  readonly atMs: number;
  readonly spanMs: number;
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: number;
  readonly queueDepth: number | null;
  readonly inFlight: number | null;
  readonly latencyP50Ms: number | null;
  readonly latencyP99Ms: number | null;
  readonly batchFillShare: number | null;
}

/** How long spans are, and for how long each length is kept: one row of the store a minute for the newest, then one in ten. */
export const historyLengths = {
  minute: { lengthMs: 60_000, keptMs: 2 * 3_600_000 },
  tenMinutes: { lengthMs: 600_000, keptMs: 8 * 86_400_000 },
} as const;

export type HistoryLength = keyof typeof historyLengths;

/** Several spans that follow one another as one. */
export function joinHistory(spans: readonly HistorySpan[]): HistorySpan | null {
  const [first] = spans;
  const last = spans.at(-1);
  if (first === undefined || last === undefined) return null;
  return {
    fromMs: first.fromMs,
    toMs: last.toMs,
    ...addOutcomes(spans),
    queueDepth: largest(spans.map(({ queueDepth }) => queueDepth)),
    inFlight: mean(spans.map(({ inFlight }) => inFlight)),
    batchFillShare: mean(spans.map(({ batchFillShare }) => batchFillShare)),
  };
}

export function pointOf(span: HistorySpan): HistoryPoint {
  const { fromMs, toMs, requests, failed, queueDepth, inFlight, batchFillShare } = span;
  const seconds = Math.max(1, (toMs - fromMs) / 1000);
  return {
    atMs: toMs,
    spanMs: toMs - fromMs,
    requestsPerSecond: requests / seconds,
    errorsPerSecond: failed / seconds,
    queueDepth,
    inFlight,
    latencyP50Ms: quantileOf(span, 0.5),
    latencyP99Ms: quantileOf(span, 0.99),
    batchFillShare,
  };
}

/** The points of a stretch, oldest first: minutes as far back as all ten of a span are kept, ten minutes before. */
export function historyPoints(minutes: readonly HistorySpan[], tens: readonly HistorySpan[]): readonly HistoryPoint[] {
  const oldestMs = minutes[0]?.fromMs ?? Infinity;
  const before = tens.filter(({ fromMs }) => fromMs < oldestMs);
  const coveredMs = before.at(-1)?.toMs ?? -Infinity;
  return [...before, ...minutes.filter(({ fromMs }) => fromMs >= coveredMs)].map(pointOf);
}

const known = (values: readonly (number | null)[]): readonly number[] => values.filter((value) => value !== null);

export function largest(values: readonly (number | null)[]): number | null {
  const numbers = known(values);
  return numbers.length === 0 ? null : Math.max(...numbers);
}

export function mean(values: readonly (number | null)[]): number | null {
  const numbers = known(values);
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
