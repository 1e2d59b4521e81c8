import * as z from 'zod';
import { backupVersion, type BackupManifest } from '../../core/records/backup.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { digestSchema } from '../http/release/http-artifact.ts';

const count = z.number().int().nonnegative();

const manifestSchema = z.strictObject({
  backupVersion: z.literal(backupVersion),
  plimsollVersion: z.string(),
  schemaVersion: z.number().int().positive(),
  store: z.strictObject({ kind: z.enum(['sqlite', 'postgresql']), identity: z.string() }),
  madeAtMs: z.number().nonnegative(),
  tables: z.array(
    z.strictObject({ name: z.string().regex(/^[a-z_]+$/), rows: count, bytes: count, digest: digestSchema }),
  ),
  blobs: z.array(z.strictObject({ digest: digestSchema, bytes: count })).nullable(),
  missing: z.array(z.strictObject({ digest: digestSchema, reason: z.enum(['missing', 'corrupt']) })),
  digest: digestSchema,
});

/**
 * The manifest of a backup, or null where this text is none.
 * @throws PlimsollError `store-newer` (conflict) for one that a newer Plimsoll wrote in another form.
 */
export function readManifest(text: string): BackupManifest | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const version = z.object({ backupVersion: z.number() }).safeParse(value).data?.backupVersion ?? 0;
  if (version > backupVersion) throw backupNewer(`form ${version}`, `form ${backupVersion}`);
  return manifestSchema.safeParse(value).data ?? null;
}

export function backupNewer(theirs: string, known: string): PlimsollError {
  return new PlimsollError({
    code: 'store-newer',
    category: 'conflict',
    message: `the backup is of ${theirs}, and this Plimsoll knows ${known} at most: a newer Plimsoll wrote it`,
    next: 'use that newer Plimsoll',
  });
}
