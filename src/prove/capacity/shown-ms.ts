import { quantileWords, readQuantileName } from '../../core/contract/objective/capacity-objective.ts';
import type { MeasuredLoad } from '../../core/evidence/kinds/capacity/capacity-measurements.ts';

/** Three digits, in the unit that suits them. */
export function shownMs(ms: number | null): string {
  if (ms === null) return 'failed';
  return ms >= 1_000 ? `${Number((ms / 1_000).toPrecision(3))}s` : `${Number(ms.toPrecision(3))}ms`;
}

/** A quantile with its name; goodput is a number of times its limits, and not a time. */
export const shownQuantile = (name: string, value: number | null): string =>
  `${quantileWords(name)} ${shownValue(name, value)}`;

export function shownValue(name: string, value: number | null): string {
  if (readQuantileName(name)?.part !== 'goodput') return shownMs(value);
  return value === null ? 'failed' : `${Number(value.toPrecision(3))}x`;
}

/** The largest quantile of a load, and how many of its requests failed. */
export function latencyText({ quantiles, failed }: Pick<MeasuredLoad, 'quantiles' | 'failed'>): string {
  const largest = Object.entries(quantiles).at(-1);
  const text = largest === undefined ? '' : shownQuantile(largest[0], largest[1].valueMs);
  return failed === 0 ? text : `${text}, ${failed} failed`;
}
