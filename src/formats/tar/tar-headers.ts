import { readPaxRecords } from './pax-records.ts';
import { tarDamaged, tarTooLarge } from './tar-errors.ts';
import { blockBytes, type TarEntry, type TarLimits } from './tar-entry.ts';
import { readTarHeader, sparseBlockGoesOn, type TarHeader } from './tar-header.ts';

export type TarStep =
  /** Give the next header block. */
  | { readonly kind: 'block' }
  /** Give these many bytes, padded to whole blocks in the archive, to `meta`. */
  | { readonly kind: 'meta'; readonly bytes: number }
  | { readonly kind: 'entry'; readonly entry: TarEntry }
  | { readonly kind: 'end' };

/**
 * Makes entries of header blocks, whoever brings them: a stream that goes by, or a file that is jumped through. Follows
 * Go's archive/tar where tar programs differ, because container engines unpack by it.
 */
export class TarHeaders {
  readonly #limits: TarLimits;
  #entries = 0;
  #zeroBlocks = 0;
  #meta: { readonly type: string } | null = null;
  #longPath: string | null = null;
  #longLink: string | null = null;
  #pax: ReadonlyMap<string, string> = new Map();
  #globalPax: ReadonlyMap<string, string> = new Map();
  /** An old GNU sparse file, while the rest of its map goes by. */
  #sparse: TarHeader | null = null;

  constructor(limits: TarLimits) {
    this.#limits = limits;
  }

  get entries(): number {
    return this.#entries;
  }

  /** Whether an archive may end here without its two blocks of zeros: some writers leave them out. */
  get mayEnd(): boolean {
    return this.#sparse === null && this.#meta === null && this.#longPath === null && this.#pax.size === 0;
  }

  block(block: Uint8Array): TarStep {
    if (this.#sparse !== null) return this.#moreSparseMap(block, this.#sparse);
    const header = readTarHeader(block);
    if (header === null) {
      this.#zeroBlocks += 1;
      return this.#zeroBlocks === 2 ? { kind: 'end' } : { kind: 'block' };
    }
    if (this.#zeroBlocks > 0) throw tarDamaged('a header follows a single block of zeros');
    if ('xXgLK'.includes(header.type)) return this.#expectMeta(header);
    if (!header.sparseMapGoesOn) return this.#entry(header);
    this.#sparse = header;
    return { kind: 'block' };
  }

  meta(bytes: Uint8Array): TarStep {
    const type = this.#meta?.type ?? '';
    this.#meta = null;
    if (type === 'L') this.#longPath = untilZero(bytes);
    else if (type === 'K') this.#longLink = untilZero(bytes);
    else if (type === 'g') this.#globalPax = new Map([...this.#globalPax, ...readPaxRecords(bytes)]);
    else this.#pax = readPaxRecords(bytes);
    return { kind: 'block' };
  }

  #expectMeta({ type, bytes }: TarHeader): TarStep {
    if (bytes > this.#limits.metaBytes) {
      throw tarTooLarge(`a name or a set of PAX records of ${bytes} bytes; at most ${this.#limits.metaBytes} are read`);
    }
    this.#meta = { type };
    return bytes === 0 ? this.meta(new Uint8Array()) : { kind: 'meta', bytes };
  }

  #moreSparseMap(block: Uint8Array, header: TarHeader): TarStep {
    if (sparseBlockGoesOn(block)) return { kind: 'block' };
    this.#sparse = null;
    return this.#entry(header);
  }

  #entry(header: TarHeader): TarStep {
    this.#entries += 1;
    if (this.#entries > this.#limits.entries) throw tarTooLarge(`more than ${this.#limits.entries} entries`);
    const pax = (key: string): string | undefined => this.#pax.get(key) ?? this.#globalPax.get(key);
    const kind = kinds[header.type] ?? 'other';
    const isHeaderOnly = '123456'.includes(header.type);
    const entry: TarEntry = {
      path: pax('GNU.sparse.name') ?? pax('path') ?? this.#longPath ?? header.path,
      kind,
      bytes: isHeaderOnly ? 0 : sizeOf(pax('size'), header.bytes),
      linkTarget:
        kind === 'symlink' || kind === 'hard-link' ? (pax('linkpath') ?? this.#longLink ?? header.linkTarget) : '',
      sparse: header.type === 'S' || pax('GNU.sparse.major') !== undefined || pax('GNU.sparse.map') !== undefined,
    };
    this.#longPath = null;
    this.#longLink = null;
    this.#pax = new Map();
    return { kind: 'entry', entry };
  }
}

const kinds: Readonly<Record<string, TarEntry['kind']>> = {
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hard-link',
  '2': 'symlink',
  '5': 'directory',
};

function sizeOf(paxSize: string | undefined, headerBytes: number): number {
  if (paxSize === undefined) return headerBytes;
  const bytes = /^\d{1,16}$/.test(paxSize) ? Number(paxSize) : Number.NaN;
  if (!Number.isSafeInteger(bytes)) throw tarDamaged(`a PAX size is ${JSON.stringify(paxSize.slice(0, 40))}`);
  return bytes;
}

function untilZero(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Bytes that content takes in the archive: whole blocks. */
export const paddedBytes = (bytes: number): number => Math.ceil(bytes / blockBytes) * blockBytes;
