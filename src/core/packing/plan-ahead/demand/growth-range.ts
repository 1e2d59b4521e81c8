import { readGrowth, type Growth } from '../../forecast/forecast-steps.ts';

/** A growth with its 90% interval. All three shares are equal where one number was stated. */
export interface GrowthRange {
  readonly lowShare: number;
  readonly share: number;
  readonly highShare: number;
  readonly period: Growth['period'];
}

const daysOf: Readonly<Record<Growth['period'], number>> = { day: 1, week: 7, month: 365.2425 / 12 };

/** Returns the days of one period of the growth. A month is a twelfth of a year. */
export const periodDays = ({ period }: Pick<GrowthRange, 'period'>): number => daysOf[period];

/**
 * Returns the growth of a text; null for another text.
 *
 * | text | growth |
 * |---|---|
 * | `5%/week` | exactly that |
 * | `3%..7%/week` | 90% interval from 3% to 7%; the estimate is the geometric middle, 4.98% |
 */
export function readGrowthRange(text: string): GrowthRange | null {
  const [, low, high] = /^(\d[\d.]*%)\.\.(\d[\d.]*%\/\w+)$/.exec(text) ?? [];
  const last = readGrowth(high ?? text);
  if (last === null) return null;
  const { share, period } = last;
  if (low === undefined) return { lowShare: share, share, highShare: share, period };
  const first = readGrowth(`${low}/${period}`);
  if (first === null || first.share > share) return null;
  const middle = Math.sqrt((1 + first.share) * (1 + share)) - 1;
  return { lowShare: first.share, share: middle, highShare: share, period };
}
