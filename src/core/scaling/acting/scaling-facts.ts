import type { ReplicaCapacity } from '../../capacity/service-curve.ts';
import type { StartDistribution } from '../../coldstart/start-distribution.ts';
import type { ScalingSection } from '../../contract/contract.ts';
import type { ScheduleEntry } from '../../contract/schedule/schedule.ts';
import type { ScalingTerms, SleepTerms } from '../policy.ts';

/** What contract, lock and evidence say to scaling, as of now. */
export interface ScalingFacts {
  readonly actuator: ScalingSection['actuator'];
  readonly warmPool: number;
  /** Zone whose clock days and weeks are of, and what is scheduled. Absent: UTC, and nothing. */
  readonly calendar?: { readonly zone: string; readonly schedule: readonly ScheduleEntry[] };
  /** As the contract states it, with the wake time that it states; absent where nothing sleeps. */
  readonly sleep?: SleepTerms;
  /** The contract lets the last replica stop, and fresh evidence shows that the objective survives it. */
  readonly zeroProven: boolean;
  /** The strictest promise about latency; null where the contract makes none. */
  readonly objective: { readonly latencyMs: number; readonly attainmentShare: number } | null;
  /** Null where it was not measured, or no longer holds. */
  readonly starts: StartDistribution | null;
  readonly capacity: ReplicaCapacity | null;
  /**
   * Why the capacity no longer holds, where the watch alone says so: it is then what a policy begins with, which learns the rest.
   * Absent while it holds.
   */
  readonly capacityDoubt?: string;
  readonly prices: Pick<ScalingTerms, 'acceleratorSecondPrice' | 'lateRequestPrice'> | null;
}

/** Where nothing is promised and nothing was measured. */
export const noScalingFacts: ScalingFacts = {
  actuator: 'plimsoll',
  warmPool: 0,
  zeroProven: false,
  objective: null,
  starts: null,
  capacity: null,
  prices: null,
};

/** What a policy is asked with; the limits are those of the live release. */
export interface ScalingGround {
  readonly terms: ScalingTerms;
  readonly capacity: ReplicaCapacity;
}

/**
 * What is missing is said with what brings it; nothing is made up for it.
 * @param wakeMs as it was measured, milliseconds; null where no wake was measured
 */
export function groundOf(
  facts: ScalingFacts,
  limits: { readonly min: number; readonly max: number },
  wakeMs: number | null = null,
): ScalingGround | { readonly missing: string } {
  const { objective, capacity, prices, sleep } = facts;
  if (objective === null) return { missing: 'the contract promises no latency; next: write objective.latency' };
  if (capacity === null || prices === null) {
    return { missing: 'what one replica carries is not known, or no longer holds; next: plimsoll capacity' };
  }
  if (!(capacity.ratePerSecond > 0)) {
    return { missing: 'by the capacity evidence a replica carries nothing; next: plimsoll capacity' };
  }
  return {
    capacity,
    terms: {
      minReplicas: limits.min,
      maxReplicas: limits.max,
      toZero: facts.zeroProven,
      warmPool: facts.warmPool,
      ...objective,
      ...prices,
      ...(sleep === undefined ? {} : { sleep: { ...sleep, wakeMs: wakeMs ?? sleep.wakeMs } }),
    },
  };
}
