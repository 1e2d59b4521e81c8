import type { EligibleReplica } from '../../core/monitoring/samples/sample.ts';
import type { Seat } from './replica.ts';
import type { Split } from './seat-choice.ts';

export interface DrawnSeat {
  readonly seat: Seat;
  /** Everybody who could have been drawn. */
  readonly eligible: readonly EligibleReplica[];
}

/**
 * Draws a replica for a request of the random share: a split by its share, then one of its free replicas, each alike. A split
 * without a free replica is left out, as in the weighted choice. Null where no replica is free.
 *
 * With splits of 90% (replicas a, b) and 10% (c) the propensities are 0.45, 0.45 and 0.1.
 * @param random uniform in [0, 1)
 */
export function drawSeat(splits: readonly Split[], free: (seat: Seat) => boolean, random: number): DrawnSeat | null {
  const open = splits
    .map(({ share, seats }) => ({ weight: splits.length === 1 ? 1 : share, seats: seats.filter(free) }))
    .filter(({ weight, seats }) => weight > 0 && seats.length > 0);
  const total = open.reduce((sum, { weight }) => sum + weight, 0);
  const seats: Seat[] = [];
  const eligible: EligibleReplica[] = [];
  for (const { weight, seats: ofSplit } of open) {
    for (const seat of ofSplit) {
      const { release, replica } = seat;
      seats.push(seat);
      eligible.push({ replicaId: replica.replicaId, release, propensityShare: weight / total / ofSplit.length });
    }
  }
  const seat = seats[indexAt(eligible, random)];
  return seat === undefined ? null : { seat, eligible };
}

/** The last one takes what rounding leaves. */
function indexAt(eligible: readonly EligibleReplica[], random: number): number {
  let left = random;
  for (let at = 0; at < eligible.length - 1; at += 1) {
    left -= eligible[at]?.propensityShare ?? 0;
    if (left < 0) return at;
  }
  return eligible.length - 1;
}
