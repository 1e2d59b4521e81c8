import type { Protocol } from '../../core/contract/contract.ts';
import type { Health } from '../../core/rollout/replica-health.ts';
import type { ReplicaOwner } from './platform.ts';

export interface ProbedReplica {
  readonly owner: ReplicaOwner;
  /** Begins with `https://`. */
  readonly endpoint: string;
  readonly protocol: Protocol;
  readonly model: string;
}

/**
 * Asks a replica over TLS whether it is ready, and verifies its certificate. A certificate that is wrong, expired or foreign makes the replica
 * not ready, with the reason and what to do next. Where our own certificate cannot be read, nobody could ask. Never rejects.
 */
export type ProbeOverTls = (replica: ProbedReplica, timeoutMs: number, signal: AbortSignal) => Promise<Health>;
