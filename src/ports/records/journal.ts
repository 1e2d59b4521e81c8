import type { Axis, Deployment, Release } from '../../core/rollout/release.ts';
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
  /** Oldest first, of every service, with what cannot be read. */
  read(): Promise<{ readonly entries: readonly JournalEntry[]; readonly damaged: readonly DamagedLine[] }>;
  /**
   * Takes lines out, once the store has them or says why it has not; every other line stays. What is set aside is kept
   * beside the journal for people. A crash leaves all of them or none.
   */
  settle(lines: SettledLines): Promise<void>;
}

/** By the ids of entries and the keys of damaged lines. */
export interface SettledLines {
  readonly done: ReadonlySet<string>;
  readonly aside: ReadonlySet<string>;
}

/** A line that was cut off, or that another version wrote. */
export interface DamagedLine {
  readonly key: string;
  /** In words. */
  readonly what: string;
  /** Null where it does not say. */
  readonly service: string | null;
  readonly environment: string | null;
}

/** The versions of entries that are read here. */
export const journalVersions: readonly number[] = [1, 2];

/** A rollback that was decided, and the world that it was decided for. */
export interface JournalEntry {
  readonly journalVersion: 1 | 2;
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
  /** The new release as it is to run; absent in version 1, where it is made from the releases `from` and `to` again. */
  readonly made?: Release;
  /** Revision of the deployment that was known: at another one the world has moved, and nothing of this is applied. */
  readonly baseRevision: number;
  readonly deployment: Omit<Deployment, 'revision'>;
  readonly routing: RoutingTable;
  readonly decisions: readonly RolloutDecision[];
}
