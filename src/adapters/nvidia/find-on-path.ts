import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/** The first executable of that name in the folders of PATH; null when there is none. */
export async function findOnPath(name: string, searchPath: string): Promise<string | null> {
  for (const folder of searchPath.split(path.delimiter)) {
    if (folder === '') continue;
    const file = path.join(folder, name);
    const there = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return file;
  }
  return null;
}
