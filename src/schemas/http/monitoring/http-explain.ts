import * as z from 'zod';
import type { ExplainedSeries } from '../../../core/monitoring/explain/explain-series.ts';

/** Windows of a series that one answer has: the newest ones. All are replayed. */
export const explainedWindowsAtMost = 200;

export interface ExplainDriftRequest {
  readonly service: string;
  readonly environment: string;
  /** A feature, a group or the id of a series; without one, the series with the most capital. */
  readonly name?: string;
  /** How many windows, newest last. */
  readonly last?: number;
}

/** How the evidence of series came about, window by window. */
export interface ExplainDriftAnswer {
  readonly series: readonly ExplainedSeries[];
  /** Series with a bet that were replayed. */
  readonly replayed: number;
  /** Series whose replay is not what the live state holds. */
  readonly differences: readonly { readonly id: string; readonly difference: string }[];
  /** Why there is no series; null where there is one. */
  readonly because: string | null;
}

const number = z.number().nullable();

const series: z.ZodType<ExplainedSeries> = z.object({
  id: z.string(),
  feature: z.string(),
  group: z.string(),
  series: z.string(),
  verdict: z.enum(['forecast', 'blocks', 'unknown']),
  reason: z.string(),
  deadBand: number,
  windows: z.array(
    z.object({
      number: z.number(),
      fromMs: z.number(),
      toMs: z.number(),
      value: number,
      forecast: number,
      score: number,
      multipliers: z.array(z.number()),
      given: number,
      capital: z.number(),
      marks: z.array(z.string()),
    }),
  ),
  capital: z.number(),
  difference: z.string().nullable(),
});

export const explainDriftAnswerSchema: z.ZodType<ExplainDriftAnswer> = z.object({
  series: z.array(series),
  replayed: z.number(),
  differences: z.array(z.object({ id: z.string(), difference: z.string() })),
  because: z.string().nullable(),
});
