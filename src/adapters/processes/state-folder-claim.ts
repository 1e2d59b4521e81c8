import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { ownerOnly, type WriteDurably } from '../../ports/process/write-durably.ts';

/** Who claimed a state folder, as `run/up.json` holds it. */
export interface Claim {
  readonly pid: number;
  readonly identity: string;
  readonly pageUrl: string;
  /** For programs of this machine; absent from older versions, where it is the page's. */
  readonly controlPlaneUrl?: string | undefined;
  readonly gatewayUrl: string;
  /** Where clients of the gateway come in over TLS; absent where they do not. */
  readonly httpsUrl?: string | undefined;
  readonly startedAtMs: number;
}

export type Claiming =
  | { readonly kind: 'claimed'; giveUp(): Promise<void> }
  /** `by` is null when its holder has not said yet who it is. */
  | { readonly kind: 'held'; readonly by: Claim | null };

const claimSchema = z.object({
  pid: z.number().int(),
  identity: z.string(),
  pageUrl: z.string(),
  controlPlaneUrl: z.string().optional(),
  gatewayUrl: z.string(),
  httpsUrl: z.string().optional(),
  startedAtMs: z.number(),
});

/** How long a holder may take from its lock to its claim. */
const introductionMs = 1_000;
const pollMs = 50;

/**
 * Takes the folder for as long as this process lives. What decides is a lock that the system takes back when its holder
 * dies, however it dies: SQLite's own on `up.lock`, the one such lock that Node has on every system. `up.json` only says
 * who the holder is.
 */
export async function claimStateFolder(
  runFolder: string,
  claim: Claim,
  isDead: (identity: string) => Promise<boolean>,
  writeDurably: WriteDurably,
): Promise<Claiming> {
  const file = claimFile(runFolder);
  const lock = takeLock(claimLock(runFolder));
  if (lock === null) return { kind: 'held', by: await introduction(file, isDead) };
  try {
    await writeDurably(file, `${JSON.stringify(claim)}\n`, { doing: 'claiming the state folder', mode: ownerOnly });
  } catch (thrown) {
    lock.close();
    throw thrown;
  }
  return {
    kind: 'claimed',
    async giveUp() {
      await rm(file, { force: true });
      lock.close();
    },
  };
}

/** Who holds a claim has this file open for as long as it lives. */
export function claimLock(runFolder: string): string {
  return path.join(runFolder, 'up.lock');
}

export function claimFile(runFolder: string): string {
  return path.join(runFolder, 'up.json');
}

/** Null when there is none that can be read. Its holder may be dead. */
export async function readClaim(runFolder: string): Promise<Claim | null> {
  try {
    const parsed = claimSchema.safeParse(JSON.parse(await readFile(claimFile(runFolder), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function takeLock(file: string): DatabaseSync | null {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch {
    database.close();
    return null;
  }
}

async function introduction(file: string, isDead: (identity: string) => Promise<boolean>): Promise<Claim | null> {
  for (let waitedMs = 0; waitedMs < introductionMs; waitedMs += pollMs) {
    const claim = await readClaim(path.dirname(file));
    if (claim !== null && !(await isDead(claim.identity))) return claim;
    await delay(pollMs);
  }
  return null;
}
