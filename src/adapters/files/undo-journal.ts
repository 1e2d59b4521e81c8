import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ListedEntry, UndoJournal } from '../../ports/nodes/undo-journal.ts';
import { ownerOnly } from '../../ports/process/write-durably.ts';
import { readUndoEntry, undoEntryText } from '../../schemas/diagnosis/undo-entry.ts';
import { storageError, systemCode } from './storage-errors.ts';
import { syncFolder } from './sync-folder.ts';

/** An entry names at most some thousand threads. */
const bytesAtMost = 16 * 1024 * 1024;
const ending = '.json';

/**
 * One file an experiment, named for the process that it is of: of two programs that begin one on the same process, one gets the
 * name. The file has its content before it has its name.
 */
export function makeUndoJournal(folder: string): UndoJournal {
  return {
    async open(entry) {
      const key = `process-${entry.target.pid}${ending}`;
      const file = path.join(folder, key);
      const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const handle = await open(temporary, 'wx', ownerOnly);
        try {
          await handle.writeFile(undoEntryText(entry));
          await handle.sync();
        } finally {
          await handle.close();
        }
        await link(temporary, file);
        await syncFolder(folder);
        return key;
      } catch (thrown) {
        if (systemCode(thrown) === 'EEXIST') return null;
        throw await storageError(thrown, 'writing what an experiment has to undo', file);
      } finally {
        await rm(temporary, { force: true }).catch(() => undefined);
      }
    },
    async close(key) {
      const file = path.join(folder, path.basename(key));
      try {
        await rm(file, { force: true });
        await syncFolder(folder);
      } catch (thrown) {
        if (systemCode(thrown) !== 'ENOENT') throw await storageError(thrown, 'closing what was undone', file);
      }
    },
    async list() {
      const names = await readdir(folder).catch(() => []);
      const entries = names.filter((name) => name.endsWith(ending)).map((name) => readEntry(folder, name));
      return (await Promise.all(entries)).filter((each) => each !== null);
    },
  };
}

/** Null where another program closed it meanwhile. */
async function readEntry(folder: string, key: string): Promise<ListedEntry | null> {
  try {
    const bytes = await readFile(path.join(folder, key));
    if (bytes.length > bytesAtMost) return { key, reason: `${bytes.length} bytes are no entry` };
    return { key, ...readUndoEntry(bytes.toString('utf8')) };
  } catch (thrown) {
    const code = systemCode(thrown) ?? String(thrown);
    return code === 'ENOENT' ? null : { key, reason: code };
  }
}
