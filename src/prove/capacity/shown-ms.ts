import type { MeasuredLoad } from '../../core/evidence/kinds/capacity/capacity-measurements.ts';

/** Three digits, in the unit that suits them. */
export function shownMs(ms: number | null): string {
  if (ms === null) return 'failed';
  return ms >= 1_000 ? `${Number((ms / 1_000).toPrecision(3))}s` : `${Number(ms.toPrecision(3))}ms`;
}

/** The largest quantile of a load, and how many of its requests failed. */
export function latencyText({ quantiles, failed }: Pick<MeasuredLoad, 'quantiles' | 'failed'>): string {
  const largest = Object.entries(quantiles).at(-1);
  const text = largest === undefined ? '' : `${largest[0]} ${shownMs(largest[1].valueMs)}`;
  return failed === 0 ? text : `${text}, ${failed} failed`;
}
