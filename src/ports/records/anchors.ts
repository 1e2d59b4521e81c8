import type { ChainAnchor } from '../../core/records/audit/verify-chain.ts';

/** A place outside of the store that takes the newest hash of the history. */
export interface AnchorPlace {
  /** @throws PlimsollError `anchor-unwritable`, or as the registry says; it may be tried again. */
  append(anchor: ChainAnchor, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Such a place from which anchors can be read again. */
export interface ReadableAnchors extends AnchorPlace {
  /** At most the newest 500, with how many there are. */
  read(signal: AbortSignal): Promise<{ readonly anchors: readonly ChainAnchor[]; readonly count: number }>;
}

/** Opens places that are no files. */
export interface OpenAnchors {
  /** @param socket of the log of this machine, such as `/dev/log`. */
  syslog(socket: string): Promise<AnchorPlace>;
  /** @param repository host and repository of an OCI registry. */
  oci(repository: string): Promise<ReadableAnchors>;
}
