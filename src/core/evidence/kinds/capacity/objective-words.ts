import { quantileWords, readQuantileName } from '../../../contract/capacity-objective.ts';
import { formatDuration } from '../../../units/quantity/quantity-duration.ts';

/** Returns how a quantile that holds stands to its limit: `p99 at most 44.9ms of 50ms promised`. */
export function heldWords(name: string, upperMs: number, limitMs: number): string {
  const share = goodShareOf(name);
  if (share !== null) return `${share} of the requests inside all limits (${threeDigits(upperMs)} of a limit at most)`;
  return `${quantileWords(name)} at most ${shownMs(upperMs)} of ${formatDuration(limitMs)} promised`;
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

const threeDigits = (value: number): number => Number(value.toPrecision(3));
const shownMs = (ms: number): string => formatDuration(threeDigits(ms));
