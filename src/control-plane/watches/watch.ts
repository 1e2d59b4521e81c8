import type { Invalidation } from '../../core/evidence/lock/lock.ts';
import type { EventNews } from '../../core/records/event.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Digest } from '../../core/units/digest.ts';

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

/** The evidence that a watch compares with what runs. */
export interface WatchedEvidence {
  /** As `digestOfMeasured` gives it: an invalidation names it. */
  readonly evidence: Digest;
  readonly measuredAtMs: number;
  /** The command that measures again. */
  readonly remedy: string;
}

/**
 * Returns whether a recorded invalidation was told of this evidence. One that names no evidence is of a version before, and is told by
 * its time.
 */
export function isToldOf(
  recorded: Invalidation,
  { evidence, measuredAtMs }: Pick<WatchedEvidence, 'evidence' | 'measuredAtMs'>,
  nowMs: number,
): boolean {
  if (recorded.evidence !== undefined) return recorded.evidence === evidence;
  return recorded.atMs >= measuredSince(measuredAtMs, nowMs);
}

/**
 * From when on an invalidation is of this evidence. The time of measuring is the word of whoever measured: one that lies
 * ahead tells nothing, and what was recorded stands.
 */
export const measuredSince = (measuredAtMs: number, nowMs: number): number =>
  measuredAtMs > nowMs ? -Infinity : measuredAtMs;
