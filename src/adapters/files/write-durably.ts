import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { WriteDurably } from '../../ports/process/write-durably.ts';
import { storageError, systemCode } from './storage-errors.ts';
import { syncFolder } from './sync-folder.ts';

/** Temporary name, sync, rename, sync of the folder. What killed writers left beside the file is removed. */
export const writeDurably: WriteDurably = async (file, content, how) => {
  const { doing, mode = 0o644, isModeExact = false, folderMustExist = false } = how;
  let temporary: string | null = null;
  try {
    const target = await targetOf(file);
    if (!folderMustExist) await mkdir(path.dirname(target), { recursive: true });
    temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
    const handle = await open(temporary, 'wx', mode);
    try {
      if (isModeExact) await handle.chmod(mode);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
    await removeLeftovers(target);
    await syncFolder(path.dirname(target));
  } catch (thrown) {
    if (temporary !== null) await rm(temporary, { force: true }).catch(() => undefined);
    throw await storageError(thrown, doing, file);
  }
};

/** Links that lead one to another; the system itself follows no more. */
const mostLinks = 40;

/** Where the bytes are, also when a link leads to a file that is not there yet. */
async function targetOf(file: string): Promise<string> {
  let at = file;
  for (let followed = 0; followed < mostLinks; followed += 1) {
    try {
      return await realpath(at);
    } catch (thrown) {
      if (systemCode(thrown) !== 'ENOENT') throw thrown;
    }
    const link = await readlink(at).catch(() => null);
    if (link === null) return at;
    at = path.resolve(path.dirname(at), link);
  }
  return at;
}

/** No write takes so long: what is older was left by a writer that was killed. */
const leftoverAgeMs = 60_000;

/** Never throws: what cannot be judged or removed stays for the next time. */
async function removeLeftovers(target: string): Promise<void> {
  const folder = path.dirname(target);
  const start = `${path.basename(target)}.`;
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(start) || !/^[0-9a-f]{12}\.tmp$/.test(name.slice(start.length))) continue;
    const location = path.join(folder, name);
    const found = await stat(location).catch(() => null);
    const old = found?.isFile() === true && Date.now() - found.mtimeMs > leftoverAgeMs;
    if (old) await rm(location, { force: true }).catch(() => undefined);
  }
}
