import type { ArtifactFile } from '../../core/registry/model-version.ts';
import type { Digest } from '../../core/units/digest.ts';

/** What a replica needs before it starts: files of its code, and of its model. */
export interface ReplicaFileList {
  readonly code: readonly ArtifactFile[];
  readonly model: readonly ArtifactFile[];
}

/** Files of replicas that run elsewhere, for whoever proves to be such a replica. */
export interface ReplicaFiles {
  /**
   * @param token what the platform gave this replica, and no other one.
   * @throws PlimsollError `replica-token` (unauthorized) where it proves nothing; `replica-unknown` (unavailable) where it
   *   is of a replica that is not wanted yet, or not any more.
   */
  list(token: string, signal: AbortSignal): Promise<ReplicaFileList>;
  /**
   * The bytes from `from` on, verified before the first one is sent.
   * @throws PlimsollError as `list`, `replica-file` (unauthorized) for a file that is not of this replica, and as
   *   `Blobs.verifiedPath`.
   */
  open(token: string, digest: Digest, from: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}
