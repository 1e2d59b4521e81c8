import { stat } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../../core/units/errors.ts';
import { filesBelow } from '../files/folder-files.ts';

/** A model of a thousand files is read by its first ones in any case: the time ends first. */
const filesAtMost = 1_000;

/** The files that people named, and those below folders that they named. @throws PlimsollError `preflight-files` (input) */
export async function findPreflightFiles(given: readonly string[], cwd: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of given) {
    const location = path.resolve(cwd, name);
    const kind = await stat(location).catch((error: NodeJS.ErrnoException) => {
      throw unreadable(name, `cannot be read (${error.code ?? error.message})`);
    });
    if (kind.isFile()) found.push(location);
    else if (kind.isDirectory())
      found.push(...(await filesBelow(location, name, filesAtMost, unreadable)).map((one) => one.location));
    else throw unreadable(name, 'is neither a file nor a folder');
  }
  return found;
}

function unreadable(given: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'preflight-files',
    category: 'input',
    message: `--files ${given}: ${why}`,
    next: 'name the files of the model, or the folder that holds them',
  });
}
