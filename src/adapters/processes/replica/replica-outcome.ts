import type { EndedRun } from '../../../core/rollout/deployment/restart.ts';

export type ReplicaOutcome =
  /** It was asked to stop, and is gone. */
  | { readonly kind: 'stopped' }
  /** The platform was closed; the process goes on. */
  | { readonly kind: 'closed' }
  /** It ended by itself; what follows was decided by `whatNext`. */
  | { readonly kind: 'ended' };

export interface EndedReplica {
  readonly run: Omit<EndedRun, 'failuresInRow'>;
  readonly addressInUse: boolean;
}

export interface NextStart {
  readonly reason: string;
  readonly failuresInRow: number;
  readonly nextStartAtMs: number;
}

/** Asked once, when a replica ended by itself. */
export type WhatNext = (ended: EndedReplica) => NextStart;
