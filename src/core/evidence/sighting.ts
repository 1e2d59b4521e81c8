import { digestOf, type Digest } from '../units/digest.ts';
import type { EvidenceKind } from './kinds/table.ts';
import type { Evidence } from './lock/lock.ts';

/** A piece of evidence that somebody sent: who was the first to send it, and when. */
export interface EvidenceSighting {
  readonly kind: EvidenceKind;
  /** As `digestOfMeasured` gives it. */
  readonly digest: Digest;
  readonly by: string;
  readonly firstSeenAtMs: number;
}

/**
 * What a piece of evidence is known by when it is sent again: what was measured, and of what. When, by whom and with which
 * version is the word of the sender: the same measurement with another date is the same measurement.
 */
export function digestOfMeasured({ kind, subjects, measurements }: Evidence): Digest {
  return digestOf({ kind, subjects, measurements });
}

/**
 * What a store knows it by that somebody sent a piece of evidence which somebody else had sent before. Without it, whoever
 * copies evidence first would take it from its author.
 * @param measured as `digestOfMeasured` gives it.
 */
export function digestOfSending(measured: Digest, by: string): Digest {
  return digestOf({ sent: measured, by });
}
