import type { ReplicaCapacity } from '../../capacity/service-curve.ts';
import type { ScalingSignals } from '../signals.ts';

/**
 * | metric | counts |
 * |---|---|
 * | queue-and-in-flight | requests that wait and requests that are worked on: what a queue proxy calls concurrency |
 * | queue-depth | requests that wait |
 */
export type WorkMetric = 'queue-and-in-flight' | 'queue-depth';

/** Requests of the whole service; null when a part of it is unknown. */
export function workOf({ queueDepth, inFlight }: ScalingSignals, metric: WorkMetric): number | null {
  if (metric === 'queue-depth') return queueDepth;
  return queueDepth === null || inFlight === null ? null : queueDepth + inFlight;
}

/** What one replica should have, for a rule whose guide says to measure it: a stated number, or a share of what was measured. */
export interface TargetOptions {
  /** Requests on one replica; null: `targetCapacityShare` of the measured concurrency. */
  readonly targetPerReplica: number | null;
  /** Of `capacity.concurrency`, the requests that one replica has under way inside its objective. */
  readonly targetCapacityShare: number;
}

export function targetOf({ targetPerReplica, targetCapacityShare }: TargetOptions, capacity: ReplicaCapacity): number {
  return targetPerReplica ?? targetCapacityShare * capacity.concurrency;
}
