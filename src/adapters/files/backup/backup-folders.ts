import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../../../core/units/errors.ts';
import { byteLines, textOf } from '../../../formats/text-lines.ts';
import { ownerOnly } from '../../../ports/process/write-durably.ts';
import type { BackupFolders, NewBackup, StoredBackup, StoredRow } from '../../../ports/records/backup.ts';
import { makeFileBlobs, type FileBlobsOptions } from '../blobs.ts';
import { storageError, systemCode } from '../storage-errors.ts';
import { syncFolder } from '../sync-folder.ts';

type Parts = Omit<FileBlobsOptions, 'folder'>;

const doing = 'writing a backup';
/** Of folders: a backup holds what the state folder does. */
const ownerAlone = 0o700;
const manifestFile = 'manifest.json';

/**
 * A backup is a folder: `manifest.json`, `tables/NAME.jsonl`, `blobs/sha256/ab/...`. It is made as `FOLDER.WRITER~ID.part`
 * beside its place and renamed at the end.
 */
export function makeBackupFolders(parts: Parts): BackupFolders {
  return {
    async create(folder) {
      try {
        await refuseFilled(folder);
        await makeFolders(path.dirname(folder));
        await removeAbandoned(folder, parts);
        const unique = `${encodeURIComponent(parts.identity.self())}~${parts.random.hex(8)}`;
        const making = `${folder}.${unique}${suffix}`;
        await mkdir(making, { mode: ownerAlone });
        await mkdir(path.join(making, 'tables'), { mode: ownerAlone });
        return newBackup(making, folder, parts);
      } catch (thrown) {
        throw await storageError(thrown, doing, folder);
      }
    },
    open: (folder) => storedBackup(folder, parts),
  };
}

/** One by one: where nothing can be made, as in /proc, a recursive call of Node does not end. */
async function makeFolders(folder: string): Promise<void> {
  const parent = path.dirname(folder);
  if (parent !== folder && !existsSync(parent)) await makeFolders(parent);
  await mkdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'EEXIST') throw thrown;
  });
}

function newBackup(making: string, folder: string, parts: Parts): NewBackup {
  const blobsFolder = path.join(making, 'blobs');
  return {
    blobs: makeFileBlobs({ ...parts, folder: blobsFolder }),
    async writeRows(file, batches) {
      const counted = { hash: createHash('sha256'), rows: 0, bytes: 0 };
      await writeFile(path.join(making, file), folder, async (handle) => {
        for await (const batch of batches) {
          const text = Buffer.from(batch.map((row) => `${JSON.stringify(row)}\n`).join(''));
          await storing(folder, handle.writeFile(text));
          counted.hash.update(text);
          counted.rows += batch.length;
          counted.bytes += text.length;
        }
      });
      return found(counted);
    },
    async finish(manifest) {
      await writeFile(path.join(making, manifestFile), folder, (handle) => handle.writeFile(manifest));
      await storing(folder, moveIntoPlace(making, folder));
    },
    discard: () => rm(making, { recursive: true, force: true }),
  };
}

async function moveIntoPlace(making: string, folder: string): Promise<void> {
  await rm(path.join(making, 'blobs', 'incoming'), { recursive: true, force: true });
  for (const each of [path.join(making, 'tables'), making]) await syncFolder(each);
  await refuseFilled(folder);
  await rename(making, folder);
  await syncFolder(path.dirname(folder));
}

function storedBackup(folder: string, parts: Parts): StoredBackup {
  const reading = <T>(work: Promise<T>): Promise<T | null> =>
    work.catch(async (thrown: unknown) => {
      if (systemCode(thrown) === 'ENOENT') return null;
      throw await storageError(thrown, 'reading a backup', folder);
    });
  return {
    blobs: makeFileBlobs({ ...parts, folder: path.join(folder, 'blobs') }),
    manifest: () => reading(readFile(path.join(folder, manifestFile), 'utf8')),
    measure: (file) => reading(measureFile(path.join(folder, file))),
    async *rows(file) {
      for await (const lines of byteLines(createReadStream(path.join(folder, file)))) {
        for (const { bytes, line } of lines) yield JSON.parse(textOf(bytes, line)) as StoredRow;
      }
    },
  };
}

async function measureFile(file: string) {
  const counted = { hash: createHash('sha256'), rows: 0, bytes: 0 };
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    counted.hash.update(chunk);
    counted.bytes += chunk.length;
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) counted.rows += 1;
  }
  return found(counted);
}

const found = ({ hash, rows, bytes }: { hash: Hash; rows: number; bytes: number }) =>
  ({ digest: `sha256:${hash.digest('hex')}`, rows, bytes }) as const;

/** What the rows' source throws passes unchanged: only the folder's own work is told as its failure. */
async function writeFile(file: string, folder: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await storing(folder, open(file, 'wx', ownerOnly));
  try {
    await write(handle);
    await storing(folder, handle.sync());
  } finally {
    await handle.close();
  }
}

async function storing<T>(folder: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw await storageError(thrown, doing, folder);
  }
}

async function refuseFilled(folder: string): Promise<void> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return [];
    throw thrown;
  });
  if (names.length === 0) return;
  throw new PlimsollError({
    code: 'backup-target',
    category: 'input',
    message: `${folder} is not empty: a backup is made in a folder of its own`,
    next: 'name a folder that is not there yet',
    details: { folder },
  });
}

const suffix = '.part';

/** Removes what killed writers left of the same backup. Never throws: what cannot be judged or removed stays. */
async function removeAbandoned(folder: string, { identity }: Parts): Promise<void> {
  const [parent, start] = [path.dirname(folder), `${path.basename(folder)}.`];
  for (const name of await readdir(parent).catch(() => [])) {
    const owner = name.startsWith(start) ? /^(.*)~[0-9a-f]+\.part$/.exec(name.slice(start.length))?.[1] : undefined;
    if (owner === undefined) continue;
    try {
      if (!(await identity.isDead(decodeURIComponent(owner)))) continue;
      await rm(path.join(parent, name), { recursive: true, force: true });
    } catch {
      // It stays, and is in nobody's way.
    }
  }
}
