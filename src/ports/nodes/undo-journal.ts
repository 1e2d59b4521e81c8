import type { UndoEntry } from '../../schemas/diagnosis/undo-entry.ts';

/** What experiments have to bring back, kept in files so that a killed program leaves it to the next one. */
export interface UndoJournal {
  /**
   * Writes the entry, durably. Resolves before anything may be changed.
   * @returns its key; null where there is an entry of this process already, and then nothing was written.
   * @throws PlimsollError `storage-full`, `storage-denied`, `storage-failed`.
   */
  open(entry: UndoEntry): Promise<string | null>;
  /** Takes the entry out, once it was undone. One that is not there is no error. */
  close(key: string): Promise<void>;
  /** All entries, and what lies there and is none. None where there is no folder. */
  list(): Promise<readonly ListedEntry[]>;
}

export type ListedEntry =
  { readonly key: string; readonly entry: UndoEntry } | { readonly key: string; readonly reason: string };
