/** One file, folder or symbolic link of a layer. Paths have no leading slash. */
export interface ImageEntry {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Permission bits. */
  readonly mode: number;
  /** Of the user and the group; 0 where it is left out. */
  readonly owner?: number;
  /** Bytes of a file; empty for a folder. */
  readonly content: () => Uint8Array;
  /** What a link points to. */
  readonly target?: string;
}

const nothing = (): Uint8Array => new Uint8Array();

export const makeFolder = (path: string, more: { mode?: number; owner?: number } = {}): ImageEntry => ({
  path,
  kind: 'folder',
  mode: 0o755,
  content: nothing,
  ...more,
});

export const makeLink = (path: string, target: string): ImageEntry => ({
  path,
  kind: 'link',
  mode: 0o777,
  content: nothing,
  target,
});

export const makeFile = (path: string, content: string | (() => Uint8Array), isProgram = false): ImageEntry => ({
  path,
  kind: 'file',
  mode: isProgram ? 0o755 : 0o644,
  content: typeof content === 'string' ? () => Buffer.from(content) : content,
});

/**
 * The entries in the order of their paths, with every folder above them. The order and the folders depend on the paths alone.
 * @throws Error for two entries of one path.
 */
export function completeEntries(entries: readonly ImageEntry[]): readonly ImageEntry[] {
  const byPath = new Map<string, ImageEntry>();
  for (const entry of entries) {
    if (byPath.has(entry.path)) throw new Error(`two entries of a layer have the path ${entry.path}`);
    byPath.set(entry.path, entry);
  }
  for (const { path } of entries) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const above = path.slice(0, at);
      if (!byPath.has(above)) byPath.set(above, makeFolder(above));
    }
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
