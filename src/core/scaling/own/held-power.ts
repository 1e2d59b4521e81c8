import { replicaPower, type ReplicaPower } from '../../capacity/replica-power.ts';
import type { ReplicaCapacity } from '../../capacity/service-curve.ts';
import { ratioOfCapacity, type LearnedCapacity } from '../learned/learn-capacity.ts';
import { lateShare } from './settings/late-share.ts';

const halvings = 40;
/** Live replicas carry at least so much of what the curve says, by the lower limit of what was learned. */
const confirmedShare = 0.9;

/** Returns whether live data confirm the curve that decisions use. */
export function isCurveConfirmed(learned: LearnedCapacity): boolean {
  return ratioOfCapacity(learned).lower >= confirmedShare * Math.exp(learned.used);
}

/**
 * What a replica gives by its curve, held to the rate that was measured inside the objective. By the curve and the formula of
 * queueing one replica alone would sustain some rate; where less was measured (the curve is of closed loops, which hide what
 * else is slow) all of it is taken down by that ratio. More is not believed: a larger rate was not tried. A stated rate is of the
 * curve itself, and takes nothing down. Nor does a measured one where live replicas work as fast as the curve says: a measured rate is a lower
 * limit, and would be paid for as long as the service lives.
 *
 * Worked: 4 slots of 200 ms, 20/s at the most; 95% within 1 s lets one replica take 16.4/s; measured 9/s: 11.0/s are counted on.
 *
 * @param lateShareAtMost of the requests
 * @param waitMs what a request may wait
 * @param confirmed whether live data confirm the curve
 */
export function heldPower(
  capacity: ReplicaCapacity,
  lateShareAtMost: number,
  waitMs: number,
  confirmed = false,
): ReplicaPower {
  const power = replicaPower(capacity);
  if (capacity.stated === true || confirmed) return power;
  const alone = sustainedAlone(power, lateShareAtMost, waitMs);
  const ratio = alone > 0 ? Math.min(1, capacity.ratePerSecond / alone) : 1;
  return { ...power, mostPerSecond: power.mostPerSecond * ratio };
}

/** Largest rate of one replica with no more late ones than are allowed; `lateShare` rises with the rate. */
function sustainedAlone(
  { slots, mostPerSecond, workMs }: ReplicaPower,
  lateShareAtMost: number,
  waitMs: number,
): number {
  let [low, high] = [0, mostPerSecond];
  for (let halving = 0; halving < halvings; halving += 1) {
    const rate = (low + high) / 2;
    if (lateShare(slots, (rate / mostPerSecond) * slots, waitMs, workMs) <= lateShareAtMost) low = rate;
    else high = rate;
  }
  return low;
}
