import type { Attempt } from './attempt.ts';

/** A client that reads at all has read a full buffer by then. */
const lendAfterMs = 100;
const slowReaderMs = 1_000;

/**
 * What becomes of the seat, if any, of a client that does not read, while others wait for its replica:
 *
 * | its client has not read what was sent | its seat is |
 * |---|---|
 * | for `lendAfterMs` | lent for the rest of its answer |
 * | for `slowReaderMs`, and the replica has no seat left to lend | withdrawn: its answer is to be broken off |
 */
export function lendSeatOfSlowReader(
  attempt: Pick<Attempt, 'isSeatLent' | 'lendSeat'> | null,
  behindMs: number,
  replicaConcurrency: number,
): 'kept' | 'lent' | 'withdrawn' {
  if (attempt === null || attempt.isSeatLent || behindMs < lendAfterMs) return 'kept';
  if (attempt.lendSeat(replicaConcurrency)) return 'lent';
  return behindMs >= slowReaderMs ? 'withdrawn' : 'kept';
}
