import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../../core/units/errors.ts';
import { fileProblem } from '../files/source-file.ts';

const mostFolders = 20_000;
const neverLooked = new Set(['node_modules', '.git', '.plimsoll']);

/**
 * Returns every plimsoll.yaml below the folders, sorted; links are not followed.
 * @param example a command that names the right folder.
 * @throws PlimsollError `contract-missing`, `folders-too-many` (input); as `fileProblem`.
 */
export async function findContracts(
  cwd: string,
  folders: readonly string[],
  example: string,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const queue = folders.map((folder) => ({ shown: folder, location: path.resolve(cwd, folder) }));
  for (let looked = 0; queue.length > 0; looked += 1) {
    const folder = queue.shift();
    if (folder === undefined) break;
    if (looked >= mostFolders) throw tooManyFolders(example);
    const entries = await readdir(folder.location, { withFileTypes: true }).catch((thrown: unknown) =>
      fileProblem(folder, thrown),
    );
    for (const entry of entries) {
      const location = path.join(folder.location, entry.name);
      if (entry.isFile() && entry.name === 'plimsoll.yaml') found.add(location);
      if (entry.isDirectory() && !neverLooked.has(entry.name)) queue.push({ location, shown: location });
    }
  }
  if (found.size === 0) throw noContracts(folders, example);
  return [...found].sort();
}

function noContracts(folders: readonly string[], example: string): PlimsollError {
  return new PlimsollError({
    code: 'contract-missing',
    category: 'input',
    message: `there is no plimsoll.yaml below ${folders.join(', ')}`,
    next: `name the folder that holds the services: ${example}`,
  });
}

function tooManyFolders(example: string): PlimsollError {
  return new PlimsollError({
    code: 'folders-too-many',
    category: 'input',
    message: `more than ${mostFolders} folders to look through`,
    next: `name the folders that hold services: ${example}`,
  });
}
