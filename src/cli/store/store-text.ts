import path from 'node:path';
import type { BackupManifest, MissingBlob } from '../../core/records/backup.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { CliContext } from '../context.ts';

export type Parts = Pick<CliContext, 'backups' | 'cwd'>;

export function folderOf({ cwd }: Parts, args: readonly string[]): string {
  return path.resolve(cwd, args[0] ?? '');
}

/** What programs are told of a backup, without its lists. */
export function summaryOf({ tables, blobs, ...manifest }: BackupManifest) {
  return {
    ...manifest,
    tables: Object.fromEntries(tables.map(({ name, rows }) => [name, rows])),
    blobs: blobs === null ? null : countOf(blobs),
  };
}

export function countOf(blobs: readonly { readonly bytes: number }[]): { blobs: number; bytes: number } {
  return { blobs: blobs.length, bytes: blobs.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** `120 rows of 23 tables, 4 blobs (12KiB)`. */
export function describeBackup({ tables, blobs }: BackupManifest): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const copied = blobs === null ? 'no blobs (--no-blobs)' : describeBlobs(blobs);
  return `${counted(rows, 'row')} of ${counted(tables.length, 'table')}, ${copied}`;
}

export function describeMissing({ digest, reason }: MissingBlob): string {
  return `blob ${digest} was ${reason} when the backup was made: it is not in it`;
}

export function describeBlobs(listed: readonly { readonly bytes: number }[]): string {
  const { blobs, bytes } = countOf(listed);
  return `${counted(blobs, 'blob')} (${formatBytes(bytes)})`;
}

export function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en-US')} ${thing}${count === 1 ? '' : 's'}`;
}
