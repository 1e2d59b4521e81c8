import type { DeviceLibrary, ImageFacts, LibraryFolders } from '../../../image/image-facts.ts';
import { folderOf, imagePath, nameOf } from '../../../image/image-path.ts';
import type { FactName } from '../../tables/fact-commands.ts';

/** One copy of a library in an image. */
export interface Copy {
  readonly path: string;
  /** Empty where nothing tells it. */
  readonly version: string;
}

export type SearchAnswer =
  | { readonly answer: 'found'; readonly copy: Copy }
  | { readonly answer: 'none' }
  | { readonly answer: 'unknown'; readonly fact: FactName };

/** What the search of the loader rests on. */
export type SearchedImage = Pick<ImageFacts, 'env' | 'searchPaths' | 'copies' | 'platform'>;

/**
 * The folder by the one name that it has here. `/usr/local/cuda` is a link to the folder with the version in its name, `lib64` in
 * it a link to `targets/…/lib`, and `/lib` a link to `/usr/lib`.
 */
export const plainFolder = (folder: string): string =>
  imagePath(folder)
    .replace(/^usr\/local\/cuda-\d+(?:\.\d+)?(?=\/|$)/, 'usr/local/cuda')
    .replace(/^usr\/local\/cuda\/targets\/[^/]+\/lib(?=\/|$)/, 'usr/local/cuda/lib64')
    .replace(/^lib(?=\/|$|64)/, 'usr/lib');

/** Folders of LD_LIBRARY_PATH, in their order. */
export const variableFolders = ({ env }: Pick<ImageFacts, 'env'>): readonly string[] =>
  (env['LD_LIBRARY_PATH'] ?? '').split(/[:;]/).filter((folder) => folder.startsWith('/'));

const multiarch: Readonly<Record<string, string>> = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/** Folders that the loader searches without being told. */
function defaultFolders({ platform }: Pick<ImageFacts, 'platform'>): readonly string[] {
  const own = multiarch[platform.architecture];
  return [...(own === undefined ? [] : [`/usr/lib/${own}`]), '/usr/lib64', '/usr/lib'];
}

/** A list of DT_RPATH or DT_RUNPATH with its tokens filled in; relative folders mean something only to a running program. */
function filledIn({ folders }: LibraryFolders, library: string): readonly string[] {
  return folders
    .map((folder) => folder.replace(/\$(?:ORIGIN|\{ORIGIN\})/g, `/${folderOf(library)}`))
    .map((folder) => folder.replace(/\$(?:LIB|\{LIB\})/g, 'lib64'))
    .filter((folder) => folder.startsWith('/'));
}

/**
 * The copy of a library that the loader gives to the library that needs it (https://man7.org/linux/man-pages/man8/ld.so.8.html).
 *
 * | order | folders |
 * |---|---|
 * | 1 | DT_RPATH of the library that asks, unless it has DT_RUNPATH |
 * | 2 | LD_LIBRARY_PATH |
 * | 3 | DT_RUNPATH of the library that asks |
 * | 4 | ld.so.cache, which holds the folders of ld.so.conf |
 * | 5 | the default folders |
 *
 * Unknown where DT_RPATH and DT_RUNPATH were not read, where the search reaches ld.so.conf and nobody read it, and where a folder
 * holds another copy for a newer CPU (`glibc-hwcaps`).
 */
export function findCopy(
  soname: string,
  asking: Pick<DeviceLibrary, 'path' | 'looksIn'>,
  image: SearchedImage,
): SearchAnswer {
  if (asking.looksIn === undefined) return { answer: 'unknown', fact: 'image.libraryFolders' };
  const own = filledIn(asking.looksIn, asking.path);
  const isFirst = asking.looksIn.tag === 'rpath';
  const told = isFirst ? [...own, ...variableFolders(image)] : [...variableFolders(image), ...own];
  const byTold = copyIn(told, soname, image);
  if (byTold.answer !== 'none') return byTold;
  if (image.searchPaths === undefined) return { answer: 'unknown', fact: 'image.searchPaths' };
  return copyIn([...image.searchPaths, ...defaultFolders(image)], soname, image);
}

/** The copy in the first folder that holds one. */
function copyIn(folders: readonly string[], soname: string, { copies = {} }: Pick<ImageFacts, 'copies'>): SearchAnswer {
  for (const folder of folders) {
    const plain = plainFolder(folder);
    const there = Object.entries(copies).filter(([path]) => isNamed(nameOf(path), soname));
    const inside = there.filter(([path]) => plainFolder(folderOf(path)) === plain);
    const forCpus = there.filter(([path]) => plainFolder(folderOf(path)).startsWith(`${plain}/glibc-hwcaps/`));
    const [first] = inside;
    if (forCpus.some(([, version]) => version !== first?.[1])) return { answer: 'unknown', fact: 'cpu.features' };
    if (first !== undefined) return { answer: 'found', copy: { path: first[0], version: first[1] } };
  }
  return { answer: 'none' };
}

/** `libcudnn.so.9.1.0` is what `libcudnn.so.9` names. */
const isNamed = (file: string, soname: string): boolean => file === soname || file.startsWith(`${soname}.`);
