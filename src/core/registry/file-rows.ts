import type { Digest } from '../units/digest.ts';
import type { ArtifactFile } from './model-version.ts';

/** Where the files of a folder stand in its data version; their rows stand in `folder.jsonl` beside it. */
export const memberFolder = 'files/';
export const folderRowsFile = 'folder.jsonl';

/** One file of a folder as a row of data. */
export interface FileRow {
  /** Below the folder, `/` separated. */
  readonly path: string;
  readonly bytes: number;
  readonly digest: Digest;
  /** The first folder of the path, as image folders have it; null for a file that lies in none. */
  readonly class: string | null;
}

/** Rows in the order of their paths, so that neither the order of finding nor the file system makes a difference. */
export function fileRows(files: readonly ArtifactFile[]): readonly FileRow[] {
  return files
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map(({ path, bytes, digest }) => ({
      path,
      bytes,
      digest,
      class: path.includes('/') ? (path.split('/', 1)[0] ?? null) : null,
    }));
}
