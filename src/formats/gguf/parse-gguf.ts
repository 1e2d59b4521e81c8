import type { ByteSource } from '../byte-source.ts';
import { cacheOf, type GgufCache } from './attention.ts';
import { ggufInvalid } from './gguf-errors.ts';
import { GgufReader } from './gguf-reader.ts';
import { readMetadata, type GgufMetadata } from './metadata.ts';
import { readTensorInfos, type GgufTensors } from './tensor-infos.ts';

/** What a GGUF file says of itself; its weights are not read. */
export interface GgufFile extends GgufTensors {
  readonly version: number;
  readonly byteOrder: 'little' | 'big';
  readonly metadataEntries: number;
  /** `general.architecture`: `llama`, `qwen2`, ... */
  readonly architecture: string | null;
  readonly name: string | null;
  readonly contextTokens: number | null;
  readonly layers: number | null;
  /** One of several files of a split model; null when it is whole. */
  readonly split: { readonly index: number; readonly count: number } | null;
  readonly cache: GgufCache;
}

const magic = [0x47, 0x47, 0x55, 0x46];
const alignmentAtMost = 1 << 20;

/** True when the bytes begin as a GGUF file does. */
export const isGguf = (head: Uint8Array): boolean => magic.every((byte, index) => head[index] === byte);

/**
 * Reads the head of a GGUF file of version 1, 2 or 3, in either byte order: metadata and tensor infos, not the weights.
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (version 3; 2026-11). Version 1 differs in its lengths of 32 bits.
 * @throws PlimsollError `gguf-invalid`, `gguf-truncated` (input), each with the offset; and whatever `source` throws.
 */
export async function parseGguf(source: ByteSource): Promise<GgufFile> {
  const reader = new GgufReader(source);
  if (!isGguf(await reader.content(4, 'the magic number'))) throw ggufInvalid('it does not begin with GGUF', 0);
  const { version, byteOrder } = await readVersion(reader);
  const tensors = await reader.length('the number of tensors');
  const entries = await reader.length('the number of metadata entries');
  const metadata = await readMetadata(reader, entries);
  const infos = await readTensorInfos(reader, tensors, alignmentOf(metadata));
  const architecture = textOf(metadata, 'general.architecture');
  return {
    ...infos,
    version,
    byteOrder,
    metadataEntries: entries,
    architecture,
    name: textOf(metadata, 'general.name'),
    contextTokens: countOf(metadata, `${architecture}.context_length`),
    layers: countOf(metadata, `${architecture}.block_count`),
    split: splitOf(metadata),
    cache: cacheOf(metadata, architecture),
  };
}

async function readVersion(reader: GgufReader): Promise<Pick<GgufFile, 'version' | 'byteOrder'>> {
  const read = await reader.u32('the version');
  // A version in the other byte order has its number in the upper half: the rest of the file is in that order too.
  const littleEndian = (read & 0xffff) !== 0;
  const version = littleEndian ? read : read >>> 24;
  if (version < 1 || version > 3) throw ggufInvalid(`GGUF version ${version}, where 1 to 3 are known`, 4);
  reader.setForm({ littleEndian, longLengths: version > 1 });
  return { version, byteOrder: littleEndian ? 'little' : 'big' };
}

function alignmentOf(metadata: GgufMetadata): number {
  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment === 'number' && alignment >= 1 && alignment <= alignmentAtMost && Number.isInteger(alignment)) {
    return alignment;
  }
  throw ggufInvalid(`an alignment that is no whole number from 1 to ${alignmentAtMost}`, 16);
}

function splitOf(metadata: GgufMetadata): GgufFile['split'] {
  const [index, count] = [countOf(metadata, 'split.no'), countOf(metadata, 'split.count')];
  return index === null || count === null || count <= 1 ? null : { index, count };
}

function textOf(metadata: GgufMetadata, key: string): string | null {
  const value = metadata.get(key);
  return typeof value === 'string' ? value.slice(0, 200) : null;
}

function countOf(metadata: GgufMetadata, key: string): number | null {
  const value = metadata.get(key);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
