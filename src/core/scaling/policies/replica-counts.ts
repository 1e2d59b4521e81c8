import type { ScaledReplica, ScalingTerms } from '../policy.ts';

export interface ReplicaCounts {
  /** Pending, starting and ready: what a Deployment calls its replicas. One that drains is on its way out. */
  readonly existing: number;
  readonly ready: number;
}

export function countReplicas(replicas: readonly ScaledReplica[]): ReplicaCounts {
  let existing = 0;
  let ready = 0;
  for (const { state } of replicas) {
    if (state === 'draining') continue;
    existing += 1;
    if (state === 'ready') ready += 1;
  }
  return { existing, ready };
}

/** Fewest replicas that the terms allow: at least one unless the last one may stop. */
export function fewestReplicas({ minReplicas, maxReplicas, toZero }: ScalingTerms): number {
  return Math.min(maxReplicas, toZero ? minReplicas : Math.max(1, minReplicas));
}

/** The nearest count that the terms allow. */
export function withinTerms(desired: number, terms: ScalingTerms): number {
  return Math.max(fewestReplicas(terms), Math.min(terms.maxReplicas, desired));
}
