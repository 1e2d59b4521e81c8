import type { ObjectiveSection, QuantileBudget } from '../contract.ts';

/** What one answer has to keep to count as inside the objective; a limit that is absent is not promised. */
export interface AnswerLimits {
  /** From arrival to the end of the answer, milliseconds. */
  readonly latencyMs?: number;
  /** Of streamed answers alone: from arrival to their first bytes, milliseconds. */
  readonly ttftMs?: number;
}

/** One whole answer of a replica. */
export interface TimedAnswer {
  readonly status: number;
  readonly latencyMs: number;
  /** Null for an answer that is not streamed. */
  readonly ttftMs: number | null;
}

/**
 * Returns the limits of a contract's objective; null where it promises no latency. Of several quantiles the highest counts:
 * `p50 < 100ms, p99 < 250ms` lets one answer take 250 ms.
 */
export function answerLimitsOf(objective: ObjectiveSection | undefined): AnswerLimits | null {
  const [latencyMs, ttftMs] = [highestOf(objective?.latency), highestOf(objective?.ttft)];
  if (latencyMs === null && ttftMs === null) return null;
  return { ...(latencyMs === null ? {} : { latencyMs }), ...(ttftMs === null ? {} : { ttftMs }) };
}

/**
 * Returns whether an answer is inside the objective:
 *
 * | answer | inside |
 * |---|---|
 * | status 400 or more | no |
 * | later than a limit | no |
 * | all others, also where no limit is promised | yes |
 */
export function isInsideObjective({ status, latencyMs, ttftMs }: TimedAnswer, limits: AnswerLimits | null): boolean {
  if (status >= 400) return false;
  if (latencyMs > (limits?.latencyMs ?? Infinity)) return false;
  return ttftMs === null || ttftMs <= (limits?.ttftMs ?? Infinity);
}

/** Returns the limit of the highest quantile that is promised; null where none is. */
export function highestOf(budget: QuantileBudget | undefined): number | null {
  const [highest] = Object.entries(budget ?? {})
    .map(([name, limitMs]) => ({ limitMs, share: Number(`${name.slice(1)}e-2`) }))
    .sort((a, b) => b.share - a.share);
  return highest?.limitMs ?? null;
}
