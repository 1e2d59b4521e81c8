import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { Digest } from '../../../core/units/digest.ts';
import { isDigest } from '../../../core/units/digest.ts';
import { ownerOnly, type WriteDurably } from '../../../ports/process/write-durably.ts';
import { phaseUseSchema } from '../../../schemas/replica/phase-use.ts';
import { claimSchema } from '../devices/claim-schema.ts';

/** Where one replica lives on disk: `<state>/run/replicas/<replicaId>/`. */
export interface ReplicaFolder {
  readonly root: string;
  readonly record: string;
  /** By what its server knows orders. */
  readonly ordersToken: string;
  readonly work: string;
  readonly model: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Of a replica that runs as another user: what it may read of the release's contract, and its temporary files. */
  readonly contract: string;
  readonly temporary: string;
  /** Secrets that it reads from files, and what its variables are known again by. */
  readonly secrets: string;
  readonly fingerprints: string;
}

export function replicasFolder(stateFolder: string): string {
  return path.join(stateFolder, 'run', 'replicas');
}

export function replicaFolder(stateFolder: string, replicaId: string): ReplicaFolder {
  const root = path.join(replicasFolder(stateFolder), replicaId);
  return {
    root,
    record: path.join(root, 'record.json'),
    ordersToken: path.join(root, 'orders.token'),
    work: path.join(root, 'work'),
    model: path.join(root, 'model'),
    stdout: path.join(root, 'stdout.log'),
    stderr: path.join(root, 'stderr.log'),
    contract: path.join(root, 'contract'),
    temporary: path.join(root, 'tmp'),
    secrets: path.join(root, 'secrets'),
    fingerprints: path.join(root, 'secrets.json'),
  };
}

export const replicaIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

const phase = z.enum([
  'schedule',
  'image-pull',
  'process-start',
  'weights-fetch',
  'weights-load',
  'engine-init',
  'warm-up',
]);

/**
 * Written before the process is started (as an intent, without pid), right after it, and at every change of state. It
 * holds no environment and no secret.
 */
const recordSchema = z
  .object({
    recordVersion: z.literal(1),
    replicaId: z.string().regex(replicaIdPattern),
    service: z.string(),
    environment: z.string(),
    set: z.string(),
    pair: z.custom<Digest>((value) => typeof value === 'string' && isDigest(value)),
    release: z.number().int(),
    /** Place in the set, 0 to replicas - 1; a replica that is started again keeps it. */
    slot: z.number().int().nonnegative(),
    restarts: z.number().int().nonnegative(),
    failuresInRow: z.number().int().nonnegative(),
    protocol: z.enum(['open-inference-v2', 'openai']),
    model: z.string(),
    state: z.enum(['pending', 'starting', 'ready', 'draining', 'stopped', 'failed']),
    reason: z.string(),
    endpoint: z.string().nullable(),
    pid: z.number().int().positive().nullable(),
    identity: z.string().nullable(),
    /** Identity of the process that keeps its set: the control plane, or a command that measures something. */
    keeper: z.string().nullable(),
    scheduledAtMs: z.number(),
    layOutMs: z.number().nullable(),
    /** Verified meanwhile. Absent where an older version wrote it. */
    layOutBytes: z.number().exactOptional(),
    spawnedAtMs: z.number().nullable(),
    readyAtMs: z.number().nullable(),
    drainUntilMs: z.number().nullable(),
    endedAtMs: z.number().nullable(),
    nextStartAtMs: z.number().nullable(),
    startTimeoutMs: z.number(),
    drainTimeoutMs: z.number(),
    /** Told to sleep: it has not failed while it is not ready. Absent: awake. */
    asleep: z.literal(true).exactOptional(),
    /** Why it is to be replaced: a variable of it has another value by now. Absent: it need not be. */
    outdated: z.string().exactOptional(),
    /** What its port answered last that only another kind of server would. Absent: nothing says so. */
    foreign: z.string().exactOptional(),
    phases: z.array(
      z.object({
        ...{ phases: z.array(phase), startMs: z.number(), durationMs: z.number() },
        used: phaseUseSchema.exactOptional(),
      }),
    ),
    /**
     * The spare whose process it took. Written before the spare is given its order; `orderedAtMs` is null until the order was taken.
     * Absent: it was started as its own process.
     */
    spare: z.object({ id: z.string(), orderedAtMs: z.number().nullable() }).exactOptional(),
    /** Left out where it asks for no device, or the platform assigns none. */
    devices: claimSchema.exactOptional(),
  })
  .readonly();
export type ReplicaRecord = z.infer<typeof recordSchema>;

/** Its process is gone, or never was. */
export function hasEnded(record: ReplicaRecord): boolean {
  return record.endedAtMs !== null;
}

export async function writeRecord(
  { stateFolder, writeDurably }: { readonly stateFolder: string; readonly writeDurably: WriteDurably },
  record: ReplicaRecord,
): Promise<void> {
  const how = { doing: 'writing the record of a replica', mode: ownerOnly };
  await writeDurably(replicaFolder(stateFolder, record.replicaId).record, `${JSON.stringify(record, null, 1)}\n`, how);
}

/** Every record that can be read, oldest first. A half-made folder without a record holds nothing that runs. */
export async function readRecords(stateFolder: string): Promise<readonly ReplicaRecord[]> {
  const names = await readdir(replicasFolder(stateFolder)).catch(() => []);
  const records: ReplicaRecord[] = [];
  for (const name of names) {
    const record = replicaIdPattern.test(name) ? await readRecord(stateFolder, name) : null;
    if (record !== null) records.push(record);
  }
  return records.sort((a, b) => a.scheduledAtMs - b.scheduledAtMs);
}

async function readRecord(stateFolder: string, replicaId: string): Promise<ReplicaRecord | null> {
  try {
    const parsed = recordSchema.safeParse(
      JSON.parse(await readFile(replicaFolder(stateFolder, replicaId).record, 'utf8')),
    );
    return parsed.success && parsed.data.replicaId === replicaId ? parsed.data : null;
  } catch {
    return null;
  }
}
