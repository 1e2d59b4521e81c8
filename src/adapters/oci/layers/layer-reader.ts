import type { LayerFacts, LayerLibrary, LayerLink, LoaderFile } from '../../../core/image/image-layer.ts';
import { isCompiler } from '../../../core/image/compilers.ts';
import { isDriverFile } from '../../../core/image/driver-files.ts';
import { isCompatLibrary } from '../../../core/image/image-assembly.ts';
import { isSharedCuda } from '../../../core/image/library-copies.ts';
import { imagePath, layerMark } from '../../../core/image/image-path.ts';
import { foldersOfLoaderFile, isLoaderFile } from '../../../core/image/loader-folders.ts';
import { distributionOfPath } from '../../../core/image/image-python.ts';
import type { Digest } from '../../../core/units/digest.ts';
import { readLibrary } from '../../../formats/elf/read-library.ts';
import { readLooseCode } from '../../../formats/fatbin/read-loose-code.ts';
import type { TarEntry } from '../../../formats/tar/tar-entry.ts';
import { TarReader, type TarSink } from '../../../formats/tar/tar-reader.ts';
import { ContentSink, isDeviceFile } from './content-sink.ts';
import { LibraryCapture } from './library-capture.ts';
import { PathPrints } from './path-prints.ts';
import { decompressZstdStart } from './zstd-start.ts';

/** Longer paths than Linux has cannot be opened by anything. */
const pathCharactersAtMost = 4000;
/** Of each list: what no image has, and what would fill memory. */
const listedAtMost = 200_000;
/** A file that names folders for the loader is a few lines. */
const loaderFileBytesAtMost = 64 * 1024;
/** One library is never larger, and the temporary file must have an end. */
const libraryBytesAtMost = 16 * 1024 ** 3;

/** Gathers the facts of one layer while its archive goes by. */
export class LayerReader {
  readonly files = new PathPrints();
  readonly folders = new PathPrints();
  readonly #reader: TarReader;
  readonly #capture = new LibraryCapture();
  readonly #signal: AbortSignal;
  readonly #libraries = new Map<string, LayerLibrary>();
  readonly #python = new Map<string, LayerFacts['python'][number]>();
  readonly #loaderFiles = new Map<string, LoaderFile>();
  readonly #compilers = new Set<string>();
  readonly #symlinks = new Map<string, LayerLink>();
  readonly #hardLinks = new Map<string, LayerLink>();
  readonly #whiteouts: string[] = [];
  readonly #opaque: string[] = [];
  readonly #unknown: Record<string, string> = {};
  #listed = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#reader = new TarReader((entry) => this.#open(entry));
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#reader.write(bytes);
  }

  /** After the last byte. */
  finish(diffId: Digest, bytes: number): LayerFacts {
    this.#reader.finish();
    return {
      diffId,
      bytes,
      entries: this.#reader.entries,
      libraries: [...this.#libraries.values()],
      python: [...this.#python.values()],
      loaderFiles: [...this.#loaderFiles.values()],
      compilers: [...this.#compilers],
      symlinks: [...this.#symlinks.values()],
      hardLinks: [...this.#hardLinks.values()],
      whiteouts: this.#whiteouts,
      opaque: this.#opaque,
      unknown: this.#unknown,
    };
  }

  close(): void {
    this.#capture.close();
  }

  #open(entry: TarEntry): TarSink | null {
    const path = imagePath(entry.path);
    if (path === '') return null;
    if (path.length > pathCharactersAtMost) {
      this.#unknown['paths'] = `a path has more than ${pathCharactersAtMost} characters, and is left out`;
      return null;
    }
    const mark = layerMark(path);
    if (mark !== null) {
      if (mark.kind === 'whiteout' && this.#hasRoom()) this.#whiteouts.push(mark.path);
      if (mark.kind === 'opaque' && this.#hasRoom()) this.#opaque.push(mark.path);
      return null;
    }
    if (entry.kind === 'directory') {
      this.folders.add(path);
      return null;
    }
    this.#replace(path);
    if (entry.kind === 'symlink') this.#link(this.#symlinks, path, entry.linkTarget.slice(0, pathCharactersAtMost));
    else if (entry.kind === 'hard-link') this.#linkHard(path, imagePath(entry.linkTarget));
    else if (entry.kind === 'file') return this.#openFile(path, entry);
    return null;
  }

  /** A path that an archive has twice is what comes last. */
  #replace(path: string): void {
    this.files.add(path);
    const maps = [this.#libraries, this.#python, this.#loaderFiles, this.#symlinks, this.#hardLinks];
    for (const map of maps) map.delete(path);
    if (isCompiler(path) && this.#hasRoom()) this.#compilers.add(path);
  }

  #hasRoom(): boolean {
    this.#listed += 1;
    if (this.#listed <= listedAtMost) return true;
    this.#unknown['layer'] = `it has more than ${listedAtMost} links, deletions and libraries; the rest was left out`;
    return false;
  }

  #link(links: Map<string, LayerLink>, path: string, target: string): void {
    if (this.#hasRoom()) links.set(path, { path, target });
  }

  #linkHard(path: string, target: string): void {
    const library = this.#libraries.get(target);
    if (library !== undefined) this.#libraries.set(path, { ...library, path });
    const distribution = distributionOfPath(path);
    if (distribution !== null) this.#python.set(path, distribution);
    const [symlink, linked] = [this.#symlinks.get(target), this.#hardLinks.get(target)];
    if (symlink !== undefined) this.#link(this.#symlinks, path, symlink.target);
    else if (linked !== undefined) this.#link(this.#hardLinks, path, linked.target);
    else if (library === undefined && !this.files.has(target))
      this.#link(this.#hardLinks, path, target.slice(0, pathCharactersAtMost));
  }

  #openFile(path: string, { bytes, sparse }: TarEntry): TarSink | null {
    const distribution = distributionOfPath(path);
    if (distribution !== null) this.#python.set(path, distribution);
    if (isLoaderFile(path) && bytes <= loaderFileBytesAtMost) return this.#readLoaderFile(path);
    const mayBeLibrary = /\.so(\.|$)/.test(path) || isDeviceFile(path);
    if (sparse || bytes > libraryBytesAtMost) {
      const why = sparse ? 'it is stored as a sparse file' : `it is larger than ${libraryBytesAtMost} bytes`;
      // A library that is not read may hold anything: it stands in the list, with the reason in place of targets.
      const device = { path, bytes, cubins: [], ptx: [], unknown: why };
      if (mayBeLibrary) this.#keep(path, { path, bytes, ...nothingFound, device });
      return null;
    }
    if (bytes < 64 && !(bytes >= 8 && isDeviceFile(path))) return null;
    return new ContentSink(path, bytes, this.#capture, {
      code: () => this.#readLibrary(path, bytes),
      archive: (member) => {
        const unknown = { archive: `not looked into; it holds ${member.slice(0, 200)}` };
        this.#keep(path, { path, bytes, ...nothingFound, device: null, unknown });
      },
    });
  }

  #readLoaderFile(path: string): TarSink {
    const parts: Uint8Array[] = [];
    return {
      write: (part) => void parts.push(part.slice()),
      end: () => {
        const folders = foldersOfLoaderFile(Buffer.concat(parts).toString('utf8'));
        if (this.#hasRoom()) this.#loaderFiles.set(path, { path, folders });
      },
    };
  }

  async #readLibrary(path: string, bytes: number): Promise<void> {
    this.#signal.throwIfAborted();
    const options = { decompressZstd: decompressZstdStart, signal: this.#signal };
    const source = this.#capture.source();
    const found = await readLibrary(source, path, options);
    if (found === null) {
      const device = await readLooseCode(source, path, options);
      if (device !== null) this.#keep(path, { path, bytes, ...nothingFound, device });
      return;
    }
    const { device, versions, compatNote, cpuLevel, instructions, pageSize, execStack, unknown } = found;
    const matters =
      device !== null ||
      cpuLevel !== null ||
      instructions !== null ||
      pageSize !== null ||
      execStack ||
      isDriverFile(path) ||
      Object.keys(versions).length > 0 ||
      Object.keys(unknown).length > 0 ||
      isSharedCuda(path) ||
      isCompatLibrary(path);
    if (!matters) return;
    const used = {
      ...(instructions === null ? {} : { instructions }),
      ...(pageSize === null ? {} : { pageSize }),
      ...(execStack ? { execStack } : {}),
    };
    this.#keep(path, { path, bytes, device, versions, compatNote, cpuLevel, ...used, unknown });
  }

  #keep(path: string, library: LayerLibrary): void {
    this.#listed += 1;
    if (this.#listed <= listedAtMost) this.#libraries.set(path, library);
    else this.#unknown['libraries'] = `the layer has more than ${listedAtMost} libraries; the rest was left out`;
  }
}

const nothingFound = { versions: {}, compatNote: null, cpuLevel: null, unknown: {} };
