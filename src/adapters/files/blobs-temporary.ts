import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ProcessIdentity } from '../../ports/serving/process-identity.ts';

/** A temporary whose owner cannot be judged (another host) is stale when nothing was written to it for this long. */
export const temporaryMaxAgeMs = 24 * 60 * 60 * 1000;

const suffix = '.part';

/** The writer's identity is part of the name, so that any later process can tell whether the writer still lives. */
export function temporaryName(owner: string, unique: string): string {
  return `${encodeURIComponent(owner)}~${unique}${suffix}`;
}

function ownerOf(name: string): string | null {
  const match = /^(.*)~[0-9a-f]+\.part$/.exec(name);
  if (match?.[1] === undefined) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return null;
  }
}

/** Removes what killed writers left behind. Never throws: what cannot be judged or removed stays for the next time. */
export async function removeStaleTemporaries(
  incoming: string,
  identity: ProcessIdentity,
  nowMs: number,
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of await readdir(incoming).catch(() => [])) {
    if (!name.endsWith(suffix)) continue;
    const location = path.join(incoming, name);
    if (await isStale(location, ownerOf(name), identity, nowMs)) {
      await rm(location, { force: true }).then(
        () => removed.push(name),
        () => undefined,
      );
    }
  }
  return removed;
}

async function isStale(
  location: string,
  owner: string | null,
  identity: ProcessIdentity,
  nowMs: number,
): Promise<boolean> {
  if (owner === identity.self()) return false;
  if (owner !== null && (await identity.isDead(owner).catch(() => false))) return true;
  const writtenAtMs = await stat(location).then(
    (stats) => stats.mtimeMs,
    () => nowMs,
  );
  return nowMs - writtenAtMs > temporaryMaxAgeMs;
}
