import type { Digest } from '../units/digest.ts';
import type { EvidenceKind } from './kinds/table.ts';

/** A piece of evidence that somebody sent: who was the first to send it, and when. */
export interface EvidenceSighting {
  readonly kind: EvidenceKind;
  /** Of the piece, its canonical JSON. */
  readonly digest: Digest;
  readonly by: string;
  readonly firstSeenAtMs: number;
}
