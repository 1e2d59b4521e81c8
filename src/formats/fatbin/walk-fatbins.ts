import type { ByteSource } from '../byte-source.ts';
import { ByteWindow } from '../byte-window.ts';
import { u16, u32 } from '../byte-order.ts';
import { hasElfMagic, machines } from '../elf/elf-file.ts';
import {
  entryHeaderBytes,
  fatbinAlignBytes,
  fatbinHeaderBytes,
  fatbinMagic,
  imageKinds,
  readEntry,
  readFatbinHeader,
  type FatbinEntry,
} from './fatbin-headers.ts';
import { ImageReader, type DecompressZstd } from './image-payload.ts';
import { ImageTally, type DeviceImages } from './image-tally.ts';

/** Bytes of a file in which fat binaries lie, among others or one behind the other. */
export interface FatbinRange {
  readonly start: number;
  readonly end: number;
  /** A section that nothing but fat binaries should be in; elsewhere what looks like one may be chance. */
  readonly isDeclared: boolean;
}

export interface WalkOptions {
  readonly signal?: { readonly aborted: boolean } | undefined;
  /** Called with the place of each cubin that stands outside of a fat binary. */
  readonly cubinAt: (at: number) => void;
}

/** From one header to the next; a header and the beginning of what follows it come in one read. */
const stepBytes = 64 * 1024;
/** Where no fat binary is in sight. */
const searchBytes = 1024 * 1024;
/** An entry's header: a group of images has one for each of them. */
const entryHeaderBytesAtMost = 1024 * 1024;
const entriesAtMost = 100_000;

/** All images of a file of fat binaries (`nvcc --fatbin`, or the bytes of such a section). */
export async function readFatbins(source: ByteSource, decompressZstd: DecompressZstd): Promise<DeviceImages> {
  const tally = new ImageTally(new ImageReader(source, decompressZstd));
  await walkFatbins(source, { start: 0, end: source.bytes, isDeclared: true }, tally, { cubinAt: () => undefined });
  return tally.finish();
}

/** Adds every image of a range to the tally. Time is linear in the range, and payloads are stepped over. */
export async function walkFatbins(
  source: ByteSource,
  range: FatbinRange,
  tally: ImageTally,
  options: WalkOptions,
): Promise<void> {
  const window = new ByteWindow(source);
  const end = Math.min(range.end, source.bytes);
  let readBytes = stepBytes;
  for (let at = aligned(range.start); at + fatbinHeaderBytes <= end;) {
    if (options.signal?.aborted === true) return;
    const bytes = await window.from(at, fatbinHeaderBytes, Math.min(readBytes, end - at));
    const length = Math.min(bytes.length, end - at);
    const found = find(bytes, length, (offset) => options.cubinAt(at + offset));
    const passed = bytes.subarray(0, found < 0 ? length - (length % fatbinAlignBytes) : found);
    if (range.isDeclared && passed.some((byte) => byte !== 0)) tally.problem('bytes that belong to no fat binary');
    if (found < 0) {
      at += Math.max(
        fatbinAlignBytes,
        Math.floor((length - fatbinHeaderBytes) / fatbinAlignBytes + 1) * fatbinAlignBytes,
      );
      readBytes = searchBytes;
      continue;
    }
    readBytes = stepBytes;
    const next = await walkFatbin(window, at + found, { ...range, end }, tally);
    at = aligned(Math.max(next, at + found + fatbinAlignBytes));
  }
}

const aligned = (at: number): number => Math.ceil(at / fatbinAlignBytes) * fatbinAlignBytes;

/** Offset of the first fat binary's magic number; calls `cubin` for each cubin that stands before it. */
function find(bytes: Uint8Array, length: number, cubin: (offset: number) => void): number {
  for (let at = 0; at + fatbinHeaderBytes <= length; at += fatbinAlignBytes) {
    const first = bytes[at];
    if (first === (fatbinMagic & 0xff) && u32(bytes, at) === fatbinMagic) return at;
    if (first === 0x7f && at + 20 <= length && isCubin(bytes.subarray(at, at + 20))) cubin(at);
  }
  return -1;
}

const isCubin = (head: Uint8Array): boolean => hasElfMagic(head) && head[4] === 2 && u16(head, 18) === machines.cuda;

interface PlacedEntry {
  readonly entry: FatbinEntry;
  readonly at: number;
}

/** Adds the images of one fat binary; answers where to go on. */
async function walkFatbin(window: ByteWindow, at: number, range: FatbinRange, tally: ImageTally): Promise<number> {
  const header = readFatbinHeader(await window.from(at, fatbinHeaderBytes, stepBytes), 0);
  if ('unknown' in header) {
    if (range.isDeclared || header.isLikely) tally.problem(header.unknown);
    return at;
  }
  const start = at + fatbinHeaderBytes;
  const end = Math.min(start + header.bytes, range.end);
  if (start + header.bytes > range.end) tally.problem('a fat binary reaches beyond the end of its section');
  const { entries, next, damage } = await readEntries(window, start, end);
  if (damage !== undefined) tally.problem(damage);
  // What goes with code for the linker is its input, unless the section says that the runtime loads it.
  const isForLinker = !range.isDeclared && entries.some(({ entry }) => entry.kind === imageKinds.linkTimeCode);
  for (const { entry, at: entryAt } of entries) {
    if (isForLinker && entry.kind !== imageKinds.linkTimeCode) continue;
    const isGroup = entry.kind === imageKinds.group;
    const extra = isGroup
      ? await window.from(entryAt + entryHeaderBytes, entry.headerBytes - entryHeaderBytes, 0)
      : empty;
    await tally.add(entry, entryAt + entry.headerBytes, extra.subarray(0, entry.headerBytes - entryHeaderBytes));
  }
  return next;
}

const empty = new Uint8Array();

interface Entries {
  readonly entries: readonly PlacedEntry[];
  /** Behind the last sound one. */
  readonly next: number;
  readonly damage?: string;
}

async function readEntries(window: ByteWindow, start: number, end: number): Promise<Entries> {
  const entries: PlacedEntry[] = [];
  let at = start;
  while (at < end) {
    const broken = (damage: string): Entries => ({ entries, next: at, damage });
    if (entries.length >= entriesAtMost) return broken(`a fat binary of more than ${entriesAtMost} images`);
    if (at + entryHeaderBytes > end) return broken('a fat binary ends within the header of an image');
    const entry = readEntry(await window.from(at, entryHeaderBytes, stepBytes), 0);
    const { headerBytes, payloadBytes } = entry;
    if (headerBytes < entryHeaderBytes || headerBytes > entryHeaderBytesAtMost) {
      return broken(`a fat binary holds an image with a header of ${headerBytes} bytes`);
    }
    if (at + headerBytes + payloadBytes > end) return broken('an image reaches beyond the end of its fat binary');
    entries.push({ entry, at });
    at += headerBytes + payloadBytes;
  }
  return { entries, next: at };
}
