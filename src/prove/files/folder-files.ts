import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

export interface FolderFile {
  /** Relative to the folder, `/` separated. */
  readonly path: string;
  readonly location: string;
  /** For people: as they named it. */
  readonly shown: string;
}

const depthAtMost = 16;

/**
 * Every file below a folder, in the order of their names, links followed; what begins with a dot is left out.
 *
 * @param given the folder as people named it
 * @param tooLarge what is thrown, with why, for more than `filesAtMost` files or folders nested more than 16 deep
 */
export async function filesBelow(
  root: string,
  given: string,
  filesAtMost: number,
  tooLarge: (given: string, why: string) => Error,
): Promise<readonly FolderFile[]> {
  const files: FolderFile[] = [];
  const visit = async (folder: string, prefix: string, depth: number): Promise<void> => {
    if (depth > depthAtMost) throw tooLarge(given, `folders nested more than ${depthAtMost} deep at ${prefix}`);
    for (const name of (await readdir(folder)).sort()) {
      if (name.startsWith('.')) continue;
      const location = path.join(folder, name);
      const stats = await stat(location);
      if (stats.isDirectory()) await visit(location, `${prefix}${name}/`, depth + 1);
      else if (stats.isFile())
        files.push({ path: `${prefix}${name}`, location, shown: path.join(given, prefix, name) });
      if (files.length > filesAtMost) throw tooLarge(given, `more than ${filesAtMost} files`);
    }
  };
  await visit(root, '', 1);
  return files;
}
