import { digestOf, type Digest } from '../units/digest.ts';

/** Of the form of a backup. Grows when an earlier version could not read it. */
export const backupVersion = 1;

export interface BackupTable {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly digest: Digest;
}

export interface BackupBlob {
  readonly digest: Digest;
  readonly bytes: number;
}

/** A blob that the records need, and that was not whole when the backup was made. */
export interface MissingBlob {
  readonly digest: Digest;
  readonly reason: 'missing' | 'corrupt';
}

export interface BackupContent {
  readonly backupVersion: typeof backupVersion;
  readonly plimsollVersion: string;
  readonly schemaVersion: number;
  readonly store: { readonly kind: 'sqlite' | 'postgresql'; readonly identity: string };
  readonly madeAtMs: number;
  readonly tables: readonly BackupTable[];
  /** Null where they were left out. */
  readonly blobs: readonly BackupBlob[] | null;
  readonly missing: readonly MissingBlob[];
}

export interface BackupManifest extends BackupContent {
  /** Of all the rest, so that an edited or damaged manifest is seen. */
  readonly digest: Digest;
}

export function sealManifest(content: BackupContent): BackupManifest {
  return { ...content, digest: digestOf(content) };
}

/** What is found in place of a file or blob of a backup; null where nothing is. */
export type FoundPart = Omit<BackupTable, 'name' | 'rows'> & { readonly rows?: number };

/** What is wrong with the manifest itself, in words. */
export function manifestProblems({ digest, ...content }: BackupManifest): readonly string[] {
  return digestOf(content) === digest ? [] : ['manifest.json is not as it was written: its own digest is another'];
}

/** What is wrong with one file of a table, in words; null when nothing is. */
export function tableProblem(table: BackupTable, found: FoundPart | null): string | null {
  const file = tableFile(table.name);
  if (found === null) return `${file} is missing`;
  if (found.bytes !== table.bytes) return `${file} has ${found.bytes} bytes, and ${table.bytes} were written`;
  if (found.digest !== table.digest) return `${file} has the digest ${found.digest}, and ${table.digest} was written`;
  if (found.rows !== table.rows) return `${file} has ${found.rows} rows, and ${table.rows} were written`;
  return null;
}

/** Path of the rows of a table, relative to the folder of the backup. */
export function tableFile(name: string): string {
  return `tables/${name}.jsonl`;
}
