import { existsSync } from 'node:fs';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

const ownerAlone = 0o700;
const [byOthers, passThrough, sticky] = [0o077, 0o011, 0o1000];

/**
 * Makes the state folder, and keeps it out of git: it lies beside the contract, and `git add -A` must not take models and
 * records along. A `.gitignore` that is there already stays. Nobody else reads it: models, captures, and the store with its events lie in it; one that an
 * older version made is closed to others too. Never throws: whoever writes what matters says what is wrong.
 */
export async function makeStateFolder(stateFolder: string): Promise<void> {
  try {
    await mkdir(stateFolder, { recursive: true, mode: ownerAlone });
    await closeToOthers(stateFolder);
    await writeUnlessFilled(path.join(stateFolder, '.gitignore'), '*\n');
  } catch {
    // It is there, or nothing can be written.
  }
}

/** A full disk leaves a file without content: that one is written again, and everything else stays. */
async function writeUnlessFilled(file: string, content: string): Promise<void> {
  const bytes = (await stat(file).catch(() => null))?.size ?? 0;
  if (bytes === 0) await writeFile(file, content);
}

/** A folder of somebody else, and one like /tmp, stay as they are. */
async function closeToOthers(folder: string): Promise<void> {
  const { mode, uid } = await stat(folder);
  // Replicas that run as another user pass through it to files of their own, and see nothing else of it.
  const open = existsSync(path.join(folder, 'run', 'replica-users')) ? passThrough : 0;
  const closed = byOthers & ~open;
  if ((mode & closed) === 0 || (mode & sticky) !== 0 || uid !== process.getuid?.()) return;
  await chmod(folder, mode & ~closed & 0o7777);
}
