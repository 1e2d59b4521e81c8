import { componentOfFile, versionOfFile } from './image-components.ts';
import type { PythonDistribution } from './image-facts.ts';
import type { LayerLibrary } from './image-layer.ts';
import type { OverlaidFiles } from './image-overlay.ts';
import { folderOf, imagePath, nameOf } from './image-path.ts';

/** Parts of cuDNN that it opens by name, and the library of the driver that stands among the stubs of a toolkit. */
const openedByName = /^lib(?:cudnn_\w+\.so(?:\.\d+)*|cuda\.so(?:\.1)?)$/;

/** Whether a file is a shared library of CUDA that copies of one image may differ in. */
export const isSharedCuda = (path: string): boolean =>
  componentOfFile(path) !== null || openedByName.test(nameOf(path));

/** More are not listed: an image with more holds something else than a runtime. */
const mostCopies = 500;

/**
 * The version of each shared library of CUDA, by its path and by the links beside it. Empty text where nothing tells the version.
 */
export function listCopies(
  { libraries, links }: Pick<OverlaidFiles, 'libraries' | 'links'>,
  python: readonly PythonDistribution[],
): Readonly<Record<string, string>> {
  const copies = new Map<string, string>();
  for (const [path, library] of libraries) {
    if (isSharedCuda(path)) copies.set(path, versionOf(path, library, python) ?? '');
  }
  for (const [path, target] of links) {
    const version = copies.get(imagePath(target.startsWith('/') ? target : `${folderOf(path)}/${target}`));
    if (isSharedCuda(path) && version !== undefined) copies.set(path, version);
  }
  return Object.fromEntries([...copies].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, mostCopies));
}

/** A part of cuDNN has the version of the whole. */
const versionOf = (path: string, library: LayerLibrary, python: readonly PythonDistribution[]): string | null =>
  versionOfFile(path.replace(/libcudnn_\w+\.so/, 'libcudnn.so'), library, python);
