import type { Invalidation } from '../../core/evidence/lock/lock.ts';
import type { EventNews } from '../../core/records/event.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';

/** Compares what runs with what evidence was measured on. To add one, add an element to the list of `makeWatches`. */
export interface Watch {
  /** What it looks at, for the log: `hardware`. */
  readonly subject: string;
  /**
   * What is new; none while it is too soon for another look. A look that rejects leaves the evidence as it is. A look begins
   * only when the one before has ended.
   */
  look(seen: WatchedWorld, signal: AbortSignal): Promise<readonly WatchNews[]>;
  /** The news of the last look are in the store. A watch that waits for this tells news again that were not recorded. */
  recorded?(): void;
}

/** What one turn of the control plane saw. */
export interface WatchedWorld {
  readonly replicas: readonly ObservedReplica[];
}

/** What a look gives to record: both in one transaction. */
export interface WatchNews {
  /** Null where the evidence stands, and people are told all the same. */
  readonly invalidation: Invalidation | null;
  readonly event: EventNews;
}

/**
 * From when on an invalidation is of this evidence. The time of measuring is the word of whoever measured: one that lies
 * ahead tells nothing, and what was recorded stands.
 */
export const measuredSince = (measuredAtMs: number, nowMs: number): number =>
  measuredAtMs > nowMs ? -Infinity : measuredAtMs;
