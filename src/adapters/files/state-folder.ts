import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes the state folder, and keeps it out of git: it lies beside the contract, and `git add -A` must not take models and
 * records along. A `.gitignore` that is there already stays. Never throws: whoever writes what matters says what is wrong.
 */
export async function makeStateFolder(stateFolder: string): Promise<void> {
  try {
    await mkdir(stateFolder, { recursive: true });
    await writeFile(path.join(stateFolder, '.gitignore'), '*\n', { flag: 'wx' });
  } catch {
    // It is there, or nothing can be written.
  }
}
