import type { Axis, Deployment } from '../../core/rollout/release.ts';
import type { RolloutDecision } from '../../core/rollout/deployment/rollout-state.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Digest } from '../../core/units/digest.ts';

/**
 * What a control plane decided while its store was away, on this machine until the store has it. An entry is written
 * before anything of it is done.
 */
export interface Journal {
  /**
   * Durable once it resolves.
   * @throws PlimsollError `journal-full`, `storage-full`, `storage-failed`, ... (unavailable): then nothing was written.
   */
  append(entry: JournalEntry): Promise<void>;
  /** Oldest first, with what could not be read, in words. */
  read(): Promise<{ readonly entries: readonly JournalEntry[]; readonly damaged: readonly string[] }>;
  /** Once the store has every entry. A crash leaves all of them or none. */
  clear(): Promise<void>;
}

/** A rollback that was decided, and the world that it was decided for. */
export interface JournalEntry {
  readonly journalVersion: 1;
  /** Recorded in the store with what it did, so that it is done once. */
  readonly id: string;
  readonly service: string;
  readonly environment: string;
  readonly atMs: number;
  readonly by: string;
  /** Asked for after the lease had run out, by somebody who answers for it that no other control plane acts. */
  readonly emergency: boolean;
  readonly axis: Axis;
  readonly reason: string;
  /** As `RollbackRequest.drill`. */
  readonly drill?: boolean;
  /** Release that is left, and the one that the axis comes back from. */
  readonly from: number;
  readonly to: number;
  readonly pair: Digest;
  /** Number that the new release is given, since nobody else has released. */
  readonly release: number;
  /** Revision of the deployment that was known: at another one the world has moved, and nothing of this is applied. */
  readonly baseRevision: number;
  readonly deployment: Omit<Deployment, 'revision'>;
  readonly routing: RoutingTable;
  readonly decisions: readonly RolloutDecision[];
}
