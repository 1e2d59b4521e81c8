import type { OverlaidLayer } from './image-layer.ts';
import { ancestorsOf } from './image-path.ts';

/** Whether a path of an image is a file that tells the loader where to look. */
export const isLoaderFile = (path: string): boolean => /^etc\/ld\.so\.conf(?:\.d\/[^/]+\.conf)?$/.test(path);

/** Folders that one such file names: a line each, without comments and `include`. */
export const foldersOfLoaderFile = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line.startsWith('/'));

/**
 * Folders that the loader searches, in the order of its files; undefined where a layer was read before anybody looked for
 * them, or one of the files is a link.
 */
export function loaderFoldersOf(layers: readonly OverlaidLayer[]): readonly string[] | undefined {
  const files = new Map<string, readonly string[] | null>();
  for (const { facts, holdsFile } of layers) {
    if (facts.loaderFiles === undefined) return undefined;
    const gone = new Set([...facts.whiteouts, ...facts.opaque]);
    for (const path of files.keys()) {
      if (holdsFile(path) || [path, ...ancestorsOf(path)].some((each) => gone.has(each))) files.delete(path);
    }
    for (const { path } of [...facts.symlinks, ...facts.hardLinks]) if (isLoaderFile(path)) files.set(path, null);
    for (const { path, folders } of facts.loaderFiles) files.set(path, folders);
  }
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, folders]) => folders);
  return sorted.includes(null) ? undefined : sorted.flatMap((folders) => folders ?? []);
}
