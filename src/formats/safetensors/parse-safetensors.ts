import type { ByteSource } from '../byte-source.ts';
import { JsonCursor, JsonCursorError } from '../json-cursor.ts';
import { safetensorsBits } from './dtypes.ts';
import { requireGapless, type Extent } from './extents.ts';
import { safetensorsInvalid, safetensorsTruncated } from './safetensors-errors.ts';

/** What a safetensors file says of itself; its weights are not read. */
export interface SafetensorsFile {
  readonly tensors: number;
  /** Elements of all tensors. */
  readonly parameters: number;
  readonly weightsBytes: number;
  /** By dtype, most bytes first. */
  readonly dtypes: Readonly<Record<string, { readonly tensors: number; readonly bytes: number }>>;
  /** `__metadata__`, its first entries. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly names: ReadonlySet<string>;
}

/** `MAX_HEADER_SIZE` of the reference implementation. */
export const headerBytesAtMost = 100_000_000;
/** The largest published models have some 100,000 in all their files together. */
const tensorsAtMost = 300_000;
const rankAtMost = 64;
const metadataKept = 64;
const textKept = 1_000;

interface Found {
  readonly names: Set<string>;
  readonly extents: Extent[];
  readonly dtypes: Map<string, { tensors: number; bytes: number }>;
  readonly metadata: Map<string, string>;
  metadataSeen: boolean;
  parameters: number;
}

/**
 * Reads the header and checks all of it: eight bytes of length, JSON, then tensors without overlap or hole to the last byte.
 * https://github.com/huggingface/safetensors#format (0.8; 2026-11).
 * @throws PlimsollError `safetensors-invalid`, `safetensors-truncated` (input), each with the offset; and what `source` throws.
 */
export async function parseSafetensors(source: ByteSource): Promise<SafetensorsFile> {
  const header = await readHeader(source);
  const found: Found = {
    names: new Set(),
    extents: [],
    dtypes: new Map(),
    metadata: new Map(),
    metadataSeen: false,
    parameters: 0,
  };
  try {
    const cursor = new JsonCursor(header);
    cursor.object((name) => {
      readEntry(cursor, name, found);
    });
    cursor.end();
  } catch (thrown) {
    if (!(thrown instanceof JsonCursorError)) throw thrown;
    throw safetensorsInvalid(`in its header ${thrown.message}`, 8 + thrown.offset);
  }
  const weightsBytes = requireGapless(found.extents, 8 + header.length, source.bytes);
  return {
    tensors: found.names.size,
    parameters: found.parameters,
    weightsBytes,
    dtypes: Object.fromEntries([...found.dtypes].sort(([, one], [, other]) => other.bytes - one.bytes)),
    metadata: Object.fromEntries(found.metadata),
    names: found.names,
  };
}

async function readHeader(source: ByteSource): Promise<Uint8Array> {
  if (source.bytes < 8) throw safetensorsTruncated('it begins with a length of 8 bytes', source.bytes);
  const head = await source.read(0, 8);
  if (head.length < 8) throw safetensorsTruncated('it begins with a length of 8 bytes', head.length);
  const stated = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  if (stated > BigInt(headerBytesAtMost)) {
    throw safetensorsInvalid(`a header of ${stated} bytes, where ${headerBytesAtMost} are the most`, 0);
  }
  const headerBytes = Number(stated);
  if (8 + headerBytes > source.bytes) {
    throw safetensorsTruncated(`its header reaches to byte ${8 + headerBytes}`, source.bytes);
  }
  const header = await source.read(8, headerBytes);
  if (header.length < headerBytes) {
    throw safetensorsTruncated(`its header reaches to byte ${8 + headerBytes}`, 8 + header.length);
  }
  if (header[0] !== 0x7b) throw safetensorsInvalid('a header that does not begin with {', 8);
  return header;
}

function readEntry(cursor: JsonCursor, name: string, found: Found): void {
  const at = 8 + cursor.offset;
  if (name === '__metadata__') {
    if (found.metadataSeen) throw safetensorsInvalid('__metadata__ twice', at);
    found.metadataSeen = true;
    cursor.object((key) => {
      const value = cursor.string();
      if (found.metadata.size < metadataKept) found.metadata.set(key.slice(0, textKept), value.slice(0, textKept));
    });
    return;
  }
  if (found.names.has(name)) throw safetensorsInvalid(`the tensor ${shown(name)} twice`, at);
  if (found.names.size >= tensorsAtMost) throw safetensorsInvalid(`more than ${tensorsAtMost} tensors`, at);
  found.names.add(name);
  const { dtype, elements, extent } = readTensor(cursor, name, at);
  found.parameters += elements;
  if (!Number.isSafeInteger(found.parameters)) throw safetensorsInvalid('more elements than any memory holds', at);
  found.extents.push(extent);
  const sum = found.dtypes.get(dtype) ?? { tensors: 0, bytes: 0 };
  if (found.dtypes.size >= 256 && sum.tensors === 0) throw safetensorsInvalid('more than 256 dtypes', at);
  found.dtypes.set(dtype, { tensors: sum.tensors + 1, bytes: sum.bytes + extent.end - extent.begin });
}

function readTensor(
  cursor: JsonCursor,
  name: string,
  at: number,
): { readonly dtype: string; readonly elements: number; readonly extent: Extent } {
  const found = { dtype: null as string | null };
  const shape: number[] = [];
  const offsets: number[] = [];
  const seen = new Set<string>();
  cursor.object((key) => {
    if (seen.has(key)) throw safetensorsInvalid(`${shown(key)} twice in the tensor ${shown(name)}`, 8 + cursor.offset);
    if (seen.size >= 64) throw safetensorsInvalid(`more than 64 keys in the tensor ${shown(name)}`, 8 + cursor.offset);
    seen.add(key);
    if (key === 'dtype') found.dtype = cursor.string();
    else if (key === 'shape') readCounts(cursor, shape, rankAtMost, name);
    else if (key === 'data_offsets') readCounts(cursor, offsets, 2, name);
    else cursor.skip();
  });
  const [begin, end] = offsets;
  const { dtype } = found;
  if (dtype === null || !seen.has('shape') || begin === undefined || end === undefined) {
    throw safetensorsInvalid(`the tensor ${shown(name)} lacks its dtype, shape or data_offsets`, at);
  }
  if (end < begin) throw safetensorsInvalid(`the tensor ${shown(name)} ends before it begins`, at);
  return { dtype, elements: requireShape(name, dtype, shape, end - begin, at), extent: { begin, end, at } };
}

function readCounts(cursor: JsonCursor, into: number[], atMost: number, name: string): void {
  cursor.array(() => {
    if (into.length >= atMost) {
      throw safetensorsInvalid(`more than ${atMost} numbers in a list of the tensor ${shown(name)}`, 8 + cursor.offset);
    }
    into.push(cursor.count());
  });
}

/** Elements of the shape, which must take exactly the bytes between the offsets. */
function requireShape(name: string, dtype: string, shape: readonly number[], bytes: number, at: number): number {
  const elements = shape.reduce((product, size) => product * size, 1);
  const bits = safetensorsBits(dtype);
  // NaN and what is beyond 2^53 are no safe integers: 0 × infinity is NaN.
  if (!Number.isSafeInteger(elements * (bits ?? 1))) {
    throw safetensorsInvalid(`the tensor ${shown(name)} of the shape [${shape.join(',')}], which no memory holds`, at);
  }
  if (bits !== null && elements * bits !== bytes * 8) {
    throw safetensorsInvalid(
      `the tensor ${shown(name)} has ${bytes} bytes where its shape [${shape.join(',')}] of ${dtype} takes ${(elements * bits) / 8}`,
      at,
    );
  }
  return elements;
}

const shown = (name: string): string => JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
