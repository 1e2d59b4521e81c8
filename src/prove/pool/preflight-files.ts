import { stat } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../../core/units/errors.ts';
import type { TriedFile } from '../../ports/nodes/node-trials.ts';
import { filesBelow } from '../files/folder-files.ts';

/** Below folders that are looked through. */
const filesAtMost = 10_000;
/** Weights lie in few large files; the read of a small one tells of the file system's start and not of its rate. */
const triedAtMost = 8;

/**
 * The largest of the files that people named and of those below folders that they named.
 * @throws PlimsollError `preflight-files` (input)
 */
export async function findPreflightFiles(
  given: readonly string[],
  cwd: string,
): Promise<{ readonly files: readonly TriedFile[]; readonly leftOut: number }> {
  const found: (TriedFile & { readonly bytes: number })[] = [];
  for (const name of given) {
    const location = path.resolve(cwd, name);
    const kind = await stat(location).catch((error: NodeJS.ErrnoException) => {
      throw unreadable(name, `it cannot be read (${error.code ?? error.message})`);
    });
    if (kind.isFile()) found.push({ location, shown: name, bytes: kind.size });
    else if (kind.isDirectory()) {
      for (const one of await filesBelow(location, name, filesAtMost, unreadable)) {
        found.push({ location: one.location, shown: one.shown, bytes: (await stat(one.location)).size });
      }
    } else throw unreadable(name, 'it is neither a file nor a folder');
  }
  if (found.length === 0 && given.length > 0) throw unreadable(given.join(' '), 'there is no file');
  const largest = found.sort((a, b) => b.bytes - a.bytes).slice(0, triedAtMost);
  return { files: largest, leftOut: found.length - largest.length };
}

function unreadable(given: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'preflight-files',
    category: 'input',
    message: `--files ${given}: ${why}`,
    next: 'name the files of the model, or the folder that holds them',
  });
}
