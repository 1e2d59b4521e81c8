/**
 * Why a signal is not known. None of these is zero.
 *
 * | reason | means |
 * |---|---|
 * | not-exported | the engine has no such metric, in any version that is known |
 * | missing | the engine has such a metric, and this reading does not |
 * | not-a-number | a sample is NaN or infinite |
 * | impossible | a negative count, a share above 1 |
 * | stale | a sample is older than the bound |
 * | first-reading | an increase needs a reading before this one |
 * | no-new-sample | both readings show the same sample, as a server that scrapes more rarely than it is asked gives |
 * | reset | a counter fell, a series went, or the process started anew: the interval cannot be told |
 * | idle | nothing happened in the interval, so that there is no mean of it |
 * | limit-unknown | the rows of a batch are known, and the largest batch is not |
 */
export type UnknownReason =
  | 'not-exported'
  | 'missing'
  | 'not-a-number'
  | 'impossible'
  | 'stale'
  | 'first-reading'
  | 'no-new-sample'
  | 'reset'
  | 'idle'
  | 'limit-unknown';

export type Told =
  { readonly known: true; readonly value: number } | { readonly known: false; readonly reason: UnknownReason };

export const unknown = (reason: UnknownReason): Told => ({ known: false, reason });
/** Sums of foreign numbers may leave what a number can be. */
export const told = (value: number): Told =>
  Number.isFinite(value) ? { known: true, value } : unknown('not-a-number');
