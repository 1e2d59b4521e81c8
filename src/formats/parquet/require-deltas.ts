import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { badDataFile } from '../data-file.ts';
import { cutOff, readVarint } from './require-runs.ts';

const blockValuesAtMost = 1_048_576;
const bigVarintBytesAtMost = 10;

/**
 * Walks one delta encoding (header, blocks, miniblocks) of exactly `values` values. Lengths that make no sense can send a
 * reader back to where it was, for ever.
 * Source: https://parquet.apache.org/docs/file-format/data-pages/encodings/#delta-encoding-delta_binary_packed--5
 * @returns the offset behind the last miniblock that is needed.
 * @throws PlimsollError `data-invalid`.
 */
export function requireDeltas(bytes: Uint8Array, from: number, values: number): number {
  const end = bytes.length;
  const block = readVarint(bytes, from, end);
  const miniblocks = readVarint(bytes, block.next, end);
  const count = readVarint(bytes, miniblocks.next, end);
  const perMiniblock = block.value / miniblocks.value;
  const isWhole = Number.isInteger(perMiniblock) && perMiniblock > 0 && perMiniblock % 8 === 0;
  if (!isWhole || block.value > blockValuesAtMost) {
    throw badDataFile(`a page has blocks of ${block.value} deltas in ${miniblocks.value} parts, which cannot be`);
  }
  if (count.value !== values) {
    throw badDataFile(`a page holds ${count.value} deltas, and its header claims ${values} values`);
  }
  let at = skipBigVarint(bytes, count.next);
  for (let seen = 1; seen < values;) {
    const widthsAt = skipBigVarint(bytes, at);
    at = widthsAt + miniblocks.value;
    if (at > end) throw cutOff();
    for (let part = 0; part < miniblocks.value && seen < values; part += 1) {
      const width = bytes[widthsAt + part] ?? 0;
      if (width > 64) throw badDataFile(`a page has deltas of ${width} bits, and 64 are the most`);
      seen += perMiniblock;
      at += (perMiniblock * width) / 8;
    }
    if (at > end) throw cutOff();
  }
  return at;
}

/**
 * Texts that begin as the one before. Each may repeat all of it, so that a page of some bytes can hold terabytes.
 * @throws PlimsollError `data-invalid`.
 */
export function requirePrefixes(bytes: Uint8Array, from: number, values: number, bytesAtMost: number): void {
  const suffixesAt = requireDeltas(bytes, from, values);
  requireDeltas(bytes, suffixesAt, values);
  const prefixes = unpackLengths(bytes, from, values);
  const suffixes = unpackLengths(bytes, suffixesAt, values);
  let [previous, total] = [0, 0];
  for (let index = 0; index < values; index += 1) {
    const [prefix, suffix] = [prefixes[index] ?? 0, suffixes[index] ?? 0];
    if (prefix < 0 || prefix > previous || suffix < 0) throw badDataFile('a text of a page repeats more than there is');
    previous = prefix + suffix;
    total += previous;
    if (total > bytesAtMost) {
      throw badDataFile(
        `the texts of one page have more than ${bytesAtMost} bytes`,
        'write the file with smaller pages (data_page_size, or max_rows_per_page)',
      );
    }
  }
}

function unpackLengths(bytes: Uint8Array, from: number, values: number): Int32Array {
  const lengths = new Int32Array(values);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  deltaBinaryUnpack({ view, offset: from }, values, lengths);
  return lengths;
}

function skipBigVarint(bytes: Uint8Array, from: number): number {
  for (let count = 0; count < bigVarintBytesAtMost; count += 1) {
    const byte = bytes[from + count];
    if (byte === undefined) throw cutOff();
    if (byte < 128) return from + count + 1;
  }
  throw badDataFile('a number in a page has more than 64 bits');
}
