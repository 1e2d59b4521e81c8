import type { ArtifactFile } from '../../core/registry/model-version.ts';
import type { Digest } from '../../core/units/digest.ts';

/** A place outside Plimsoll that takes files as they are, and keeps nothing beside them: a bucket. Errors as ModelRegistry. */
export interface WritablePlace {
  /** `s3://models/digits/3` */
  readonly location: string;
  /**
   * Every file under its path. What lies there with the same digest is not sent again, so that a push that was cut is simply
   * run again; nothing that lies there is ever replaced.
   * @throws `remote-not-empty` (conflict) where anything else lies there.
   */
  put(
    files: readonly ArtifactFile[],
    read: (digest: Digest, from: number, length: number) => AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<{ readonly sent: number }>;
  close(): Promise<void>;
}
