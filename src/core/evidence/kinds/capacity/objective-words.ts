import { quantileWords, readQuantileName } from '../../../contract/objective/capacity-objective.ts';
import { formatDuration } from '../../../units/quantity/quantity-duration.ts';

/** Returns what is promised of a quantile: `p99 of 50ms`, `ttft p95 of 200ms`, `99% of the requests inside all limits`. */
export function promisedWords(name: string, limitMs: number): string {
  const share = goodShareOf(name);
  return share === null
    ? `${quantileWords(name)} of ${formatDuration(limitMs)}`
    : `${share} of the requests inside all limits`;
}

/** Returns how a quantile misses its limit with one request at a time. */
export function missedWords(name: string, lowerMs: number, limitMs: number): string {
  const share = goodShareOf(name);
  if (share !== null)
    return `even one request at a time fewer than ${share} of the requests are inside all limits (at least ${threeDigits(lowerMs)} of a limit)`;
  return `even one request at a time has a ${quantileWords(name)} of at least ${formatDuration(lowerMs)}, and ${formatDuration(limitMs)} is promised`;
}

function goodShareOf(name: string): string | null {
  const read = readQuantileName(name);
  return read?.part === 'goodput' ? `${read.quantile.slice(1)}%` : null;
}

/** A number as people read it, to three digits. */
export const threeDigits = (value: number): number => Number(value.toPrecision(3));
