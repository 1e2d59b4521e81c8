/**
 * Replaces a file. A reader, or a machine that loses its power, finds the old content or the new, and nothing between.
 * A missing folder is made. A link stays a link: the file that it leads to is written.
 * @throws PlimsollError `storage-full`, `storage-denied`, `storage-failed` (unavailable), `storage-misplaced` (input),
 * `storage-busy` (overloaded).
 */
export type WriteDurably = (file: string, content: string | Uint8Array, how: DurableWrite) => Promise<void>;

export interface DurableWrite {
  /** For people, in the error: `writing the lock`. */
  readonly doing: string;
  /** Permissions of the file, less the umask; 0o644 unless given. */
  readonly mode?: number;
  /** The permissions are these, whatever the umask is. */
  readonly isModeExact?: boolean;
  /** For a path that a person typed: a missing folder is a mistake, and is not made. */
  readonly folderMustExist?: true;
}

/** Permissions of what only this user may read: records of what runs. */
export const ownerOnly = 0o600;
