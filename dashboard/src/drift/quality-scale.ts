import type { DelayReport } from '../../../src/core/monitoring/labels/label-delays.ts';
import type { JudgedMetric } from '../../../src/core/monitoring/labels/judge-labels.ts';
import { formatDuration } from '../parts/format.ts';

export interface QualityScale {
  /** What the right end of the drawing stands for. */
  readonly most: number;
  readonly live: Stretch | null;
  readonly evaluated: Stretch | null;
  readonly limit: number | null;
}

/** In hundredths of the drawing. */
export interface Stretch {
  readonly from: number;
  readonly width: number;
}

/** Everything is seen; a fifth of the drawing is left free. Risks begin at 0. */
export function scaleOf({ live, evaluated, limit }: Pick<JudgedMetric, 'live' | 'evaluated' | 'limit'>): QualityScale {
  const most = 1.2 * Math.max(live?.high ?? 0, evaluated?.high ?? 0, limit ?? 0) || 1;
  const place = (value: number): number => Math.round((Math.max(0, value) / most) * 10_000) / 100;
  const stretch = (bounds: { low: number; high: number } | null): Stretch | null =>
    // Two limits that meet are still to be seen.
    bounds === null ? null : { from: place(bounds.low), width: Math.max(0.8, place(bounds.high) - place(bounds.low)) };
  return { most, live: stretch(live), evaluated: stretch(evaluated), limit: limit === null ? null : place(limit) };
}

export const riskWords = (value: number): string => String(Number(value.toPrecision(3)));

export const boundsWords = (bounds: { readonly low: number; readonly high: number } | null): string =>
  bounds === null ? 'not known' : `${riskWords(bounds.low)} to ${riskWords(bounds.high)}`;

/** `median 2 h, 95% within 6 h (410 labels)` */
export function delayWords({ labels, medianMs, p95Ms }: DelayReport['right']): string {
  if (medianMs === null || p95Ms === null) return 'no label yet';
  return `median ${formatDuration(medianMs)}, 95% within ${formatDuration(p95Ms)} (${labels} label${labels === 1 ? '' : 's'})`;
}
