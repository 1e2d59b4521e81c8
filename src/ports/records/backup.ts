import type { BackupBlob, BackupManifest, FoundPart } from '../../core/records/backup.ts';
import type { Blobs } from '../artifacts/blobs.ts';
import type { Lease, StoreReader } from './store.ts';

/** One row of a table, by column. */
export type StoredRow = Readonly<Record<string, string | number | null>>;

/** The rows behind the records of a store: the same for every kind of database. */
export interface StoreRows {
  readonly kind: BackupManifest['store']['kind'];
  /** What the store is brought up to when it is opened. */
  readonly schemaVersion: number;
  /** One consistent view of all that is committed, for as long as `work` takes; writers go on meanwhile. */
  snapshot<T>(work: (snapshot: StoreSnapshot) => Promise<T>): Promise<T>;
  /**
   * Replaces every row, in one transaction: rows of an older schema are taken in at that schema, which is then brought up to
   * date unless it is kept. Afterwards nobody holds a lease, and every token is newer than any that was given out here or there.
   * @throws PlimsollError `lease-lost` (conflict) when a lease is held that is not in `held`, or one of these was lost;
   *   `backup-invalid` (corrupt) for a table that this schema does not have.
   */
  replaceAll(held: readonly Lease[], rows: RestoredRows): Promise<void>;
  /** When the rows of the store of this identity were taken in here; null where they never were. */
  importedAtMs(identity: string): Promise<number | null>;
  /**
   * Adds the rows of another store to those that stand here, in one transaction, once for each identity. Releases and
   * versions keep their numbers, and events their order: their sequence numbers are moved behind those of this store.
   * Leases, admissions and the identity of the other store stay where they are.
   * @returns false where its rows are here already: then nothing changes.
   * @throws PlimsollError `lease-lost`, `import-conflict` (conflict) where a row stands here otherwise: nothing changes.
   */
  importAll(fence: Lease, source: StoreSnapshot, how: ImportedFrom): Promise<boolean>;
}

export interface ImportedFrom {
  /** For people: where the other store is. */
  readonly from: string;
  readonly nowMs: number;
  /** Does all of it, and then undoes it: to know whether it can be done. */
  readonly isTrial: boolean;
}

export interface StoreSnapshot {
  readonly reader: StoreReader;
  readonly identity: string;
  readonly tables: readonly string[];
  /** In the order of the table's key, some at a time. */
  rows(table: string): AsyncIterable<readonly StoredRow[]>;
}

export interface RestoredRows {
  readonly schemaVersion: number;
  /** Leaves the tables at that schema, for the older program that wrote the rows: this one changes them when it opens them. */
  readonly keepSchema: boolean;
  readonly tables: readonly { readonly name: string; readonly rows: AsyncIterable<StoredRow> }[];
}

/** Folders that hold a backup each. */
export interface BackupFolders {
  /**
   * A backup that is being made, beside the folder that it will be.
   * @throws PlimsollError `backup-target` (input) for a folder that is not empty; `storage-full`, `storage-denied`, ...
   */
  create(folder: string): Promise<NewBackup>;
  open(folder: string): StoredBackup;
}

export interface NewBackup {
  readonly blobs: Blobs;
  writeRows(file: string, batches: AsyncIterable<readonly StoredRow[]>): Promise<Required<FoundPart>>;
  /** Nothing that looks like a backup is there before this resolves. */
  finish(manifest: string): Promise<void>;
  /** Removes all of it. */
  discard(): Promise<void>;
}

export interface StoredBackup {
  readonly blobs: Blobs;
  /** Null where there is none. */
  manifest(): Promise<string | null>;
  /** Null where it is missing. */
  measure(file: string): Promise<Required<FoundPart> | null>;
  rows(file: string): AsyncIterable<StoredRow>;
}

/** What people ask of backups; each says how far it is while it works. */
export interface Backups {
  backUp(request: { readonly folder: string; readonly withBlobs: boolean }): Promise<BackupManifest>;
  /** @throws PlimsollError `backup-damaged` (corrupt), `store-newer`, `store-not-empty`, `control-plane-running` (conflict). */
  restore(request: RestoreRequest): Promise<RestoredStore>;
  /** @throws PlimsollError `backup-missing` (not-found). */
  verifyBackup(folder: string): Promise<VerifiedBackup>;
  verifyStore(): Promise<VerifiedStore>;
}

export interface RestoreRequest {
  readonly folder: string;
  /** Also where the store holds records: all of them go. */
  readonly replace: boolean;
  /** As `RestoredRows.keepSchema`. */
  readonly keepSchema?: boolean;
}

export interface VerifiedBackup {
  /** Null where it cannot be read. */
  readonly manifest: BackupManifest | null;
  readonly problems: readonly string[];
}

export interface VerifiedStore {
  /** Those that the records need and that are whole. */
  readonly blobs: readonly BackupBlob[];
  readonly problems: readonly string[];
}

export interface RestoredStore {
  readonly manifest: BackupManifest;
  /** What a check of the restored store found; of one that keeps an older schema nothing is known. */
  readonly problems: readonly string[];
}
