import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { ownerOnly, type WriteDurably } from '../../../ports/process/write-durably.ts';
import { spareTokenFile } from '../../../schemas/replica/spare-order.ts';
import { claimSchema } from '../devices/claim-schema.ts';

/** Where one spare lives on disk until it is taken: `<state>/run/spares/<spareId>/`. */
export interface SpareFolder {
  readonly root: string;
  readonly record: string;
  readonly token: string;
  readonly stdout: string;
  readonly stderr: string;
}

export const sparesFolder = (stateFolder: string): string => path.join(stateFolder, 'run', 'spares');

export function spareFolder(stateFolder: string, spareId: string): SpareFolder {
  const root = path.join(sparesFolder(stateFolder), spareId);
  return {
    root,
    record: path.join(root, 'record.json'),
    token: path.join(root, spareTokenFile),
    stdout: path.join(root, 'stdout.log'),
    stderr: path.join(root, 'stderr.log'),
  };
}

const spareIdPattern = /^spare-[0-9a-f]{8,}$/;

/**
 * Written before the process of a spare is started (without pid), right after it, and when it is free. Whether it is taken does not stand
 * here: the record of the replica that took it says so.
 */
const recordSchema = z
  .object({
    recordVersion: z.literal(1),
    spareId: z.string().regex(spareIdPattern),
    environment: z.string(),
    fits: z.string(),
    /** What it was started with that a replica cannot change: another one fits no replica of this control plane. */
    program: z.string(),
    pid: z.number().int().positive().nullable(),
    identity: z.string().nullable(),
    /** Where it takes its order; null until its runtime is loaded. */
    port: z.number().int().nullable(),
    deviceCount: z.number().int().nonnegative(),
    devices: claimSchema.exactOptional(),
    deviceVariables: z.record(z.string(), z.string()),
  })
  .readonly();
export type SpareRecord = z.infer<typeof recordSchema>;

export async function writeSpareRecord(
  { stateFolder, writeDurably }: { readonly stateFolder: string; readonly writeDurably: WriteDurably },
  record: SpareRecord,
): Promise<void> {
  const how = { doing: 'writing the record of a spare', mode: ownerOnly };
  await writeDurably(spareFolder(stateFolder, record.spareId).record, `${JSON.stringify(record, null, 1)}\n`, how);
}

/** Returns every record that can be read, and the ids of folders without one. */
export async function readSpareRecords(
  stateFolder: string,
): Promise<{ readonly records: readonly SpareRecord[]; readonly without: readonly string[] }> {
  const names = await readdir(sparesFolder(stateFolder)).catch(() => []);
  const records: SpareRecord[] = [];
  const without: string[] = [];
  for (const name of names.filter((each) => spareIdPattern.test(each))) {
    const record = await readRecord(stateFolder, name);
    if (record === null) without.push(name);
    else records.push(record);
  }
  return { records, without };
}

async function readRecord(stateFolder: string, spareId: string): Promise<SpareRecord | null> {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(await readFile(spareFolder(stateFolder, spareId).record, 'utf8')));
    return parsed.success && parsed.data.spareId === spareId ? parsed.data : null;
  } catch {
    return null;
  }
}

export async function removeSpareFolder(stateFolder: string, spareId: string): Promise<void> {
  await rm(spareFolder(stateFolder, spareId).root, { recursive: true, force: true });
}
