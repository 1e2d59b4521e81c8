import { digestOf, type Digest } from '../../units/digest.ts';

/** An event as it is sealed: the row of the store, with the text of its facts and not what a version reads in it. */
export interface SealedEvent {
  readonly seq: number;
  readonly service: string;
  readonly environment: string;
  readonly kind: string;
  readonly summary: string;
  readonly by: string;
  readonly atMs: number;
  readonly dataText: string;
}

/** What the first event of a store is chained to. */
export const chainStart: Digest = digestOf('event chain, version 1');

/**
 * Returns the hash of an event in the chain. It covers the hash before it, so that nobody changes, removes or moves an
 * event without making all later hashes anew.
 *
 *     hash(n) = SHA-256 of the canonical JSON of [hash(n - 1), every column of event n]
 */
export function sealOf(previous: Digest, event: SealedEvent): Digest {
  const { seq, service, environment, kind, summary, by, atMs, dataText } = event;
  return digestOf([previous, seq, service, environment, kind, summary, by, atMs, dataText]);
}

/** The newest hash of a chain, to be kept outside of the store. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: Digest;
}

export interface EventSeal extends ChainHead {
  /** It was sealed after its transaction: a folder's store was imported, or a version before the chain recorded it. */
  readonly late: boolean;
}
