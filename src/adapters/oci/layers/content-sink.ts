import type { TarSink } from '../../../formats/tar/tar-reader.ts';
import {
  compressedName,
  isDeviceArchiveName,
  ObjectSections,
  TarNames,
  ZipNames,
  type NameScan,
} from './archive-names.ts';
import type { LibraryCapture } from './library-capture.ts';

/** Files that may hold device code whatever they begin with. */
export const isDeviceFile = (path: string): boolean => /\.(?:cubin|fatbin|ptx)$/.test(path);

const headBytes = 8;
const elfMagic = '7f454c46';
const fatbinMagic = '50ed55ba';
const zipMagic = '504b0304';
const objectsMagic = Buffer.from('!<arch>\n').toString('hex');
/** Compressed archives below hold no library worth its kernels. */
const compressedBytes = 1024 * 1024;

/** What pip keeps to install again. What it installed is read where it lies, and no program loads from there. */
const pipCache = /(?:^|\/)\.cache\/pip\//;
/** Zip archives may begin with a program that opens them. */
const zipName = /\.(?:zip|whl|egg|pex|pyz|jar)$/i;
/** Of the CUDA toolkit: input of a linker, whose programs are read themselves. */
const toolkitObjects = /(?:^|\/)lib(?:cu|nv|npp)\w*(?:_static(?:_\w+)?|devrt)\.a$/;

export interface ContentReaders {
  /** Something that begins as device code does, or is named so, lies in the capture. */
  readonly code: () => Promise<void>;
  /** An archive that may hold device code; `member` tells why. */
  readonly archive: (member: string) => void;
}

/** Decides by the first bytes and the name of a file what is done with it; of most files that is nothing. */
export class ContentSink implements TarSink {
  readonly #path: string;
  readonly #bytes: number;
  readonly #capture: LibraryCapture;
  readonly #readers: ContentReaders;
  readonly #head = Buffer.alloc(headBytes);
  #filled = 0;
  #taker: NameScan | 'capture' | 'nothing' = 'nothing';

  constructor(path: string, bytes: number, capture: LibraryCapture, readers: ContentReaders) {
    this.#path = path;
    this.#bytes = bytes;
    this.#capture = capture;
    this.#readers = readers;
  }

  write(bytes: Uint8Array): void {
    let rest = bytes;
    if (this.#filled < headBytes) {
      const taken = Math.min(headBytes - this.#filled, bytes.length);
      this.#head.set(bytes.subarray(0, taken), this.#filled);
      this.#filled += taken;
      if (this.#filled < headBytes) return;
      this.#taker = this.#choose(this.#head.toString('hex'));
      if (this.#taker === 'capture') this.#capture.begin();
      this.#pass(this.#head);
      rest = bytes.subarray(taken);
    }
    this.#pass(rest);
  }

  async end(): Promise<void> {
    const taker = this.#taker;
    if (taker === 'capture') await this.#readers.code();
    else if (taker !== 'nothing' && taker.found !== null) this.#readers.archive(taker.found);
    else if (this.#bytes >= compressedBytes && this.#isNamedArchive) this.#readers.archive('what its name tells of');
  }

  get #isNamedArchive(): boolean {
    return isDeviceArchiveName(this.#path) && !pipCache.test(this.#path);
  }

  #choose(head: string): NameScan | 'capture' | 'nothing' {
    if (head.startsWith(elfMagic) || head.startsWith(fatbinMagic) || isDeviceFile(this.#path)) return 'capture';
    if (pipCache.test(this.#path) || compressedName.test(this.#path)) return 'nothing';
    if (head.startsWith(zipMagic) || zipName.test(this.#path)) return new ZipNames();
    if (head === objectsMagic && !toolkitObjects.test(this.#path)) return new ObjectSections();
    return /\.tar$/i.test(this.#path) ? new TarNames() : 'nothing';
  }

  #pass(bytes: Uint8Array): void {
    if (this.#taker === 'capture') this.#capture.write(bytes);
    else if (this.#taker !== 'nothing') this.#taker.write(bytes);
  }
}
