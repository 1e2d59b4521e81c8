import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js';
import type { Encoding, ParquetType, SchemaTree } from 'hyparquet';
import { u32 } from '../byte-order.ts';
import { badDataFile } from '../data-file.ts';
import { requireDeltas, requirePrefixes } from './require-deltas.ts';
import { cutOff, requireRuns } from './require-runs.ts';

/** A data page that is unpacked: levels, then values. */
export interface UnpackedPage {
  readonly bytes: Uint8Array;
  readonly values: number;
  readonly encoding: Encoding;
  /** Of the second version of pages, whose header has the lengths; null where the page itself has them. */
  readonly levels: {
    readonly repetitionBytes: number;
    readonly definitionBytes: number;
    readonly nulls: number;
  } | null;
}

const textBytesAtMost = 256 * 1024 * 1024;
const bitWidthOf = (level: number): number => 32 - Math.clz32(level);

/**
 * Holds what a page claims against the bytes that it has, before values are made of them.
 *
 * | encoding | what is looked at |
 * |---|---|
 * | levels, dictionary, RLE | no run has more values than the page |
 * | delta | blocks have a size, and their bytes are there; texts stay below 256 MB |
 * | byte stream split | values times width are the bytes that are there |
 * | plain | nothing here: a reader stops at the end of the page |
 *
 * @returns how many values begin a list of their own, where the column is nested.
 * @throws PlimsollError `data-invalid`.
 */
export function requireValues(
  page: UnpackedPage,
  path: SchemaTree[],
  type: ParquetType,
  hasDictionary: boolean,
): { readonly beginnings: number } {
  const { values } = page;
  const { valuesAt, nulls, beginnings } = requireLevels(page, path);
  const present = values - nulls;
  if (present < 0) throw badDataFile(`a page claims ${nulls} nulls among ${values} values`);
  requireEncoded(page, valuesAt, present, type, path.at(-1)?.element.type_length ?? 0, hasDictionary);
  return { beginnings };
}

function requireEncoded(
  { bytes, encoding, levels }: UnpackedPage,
  valuesAt: number,
  present: number,
  type: ParquetType,
  fixedBytes: number,
  hasDictionary: boolean,
): void {
  switch (encoding) {
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      if (!hasDictionary) throw badDataFile('a page points into a dictionary that is not there');
      const width = bytes[valuesAt];
      if (width === undefined && present === 0) return;
      if (width === undefined || width > 32) throw badDataFile('a page has indices of no width that can be');
      if (width > 0 || levels !== null) requireRuns(bytes, valuesAt + 1, bytes.length, width, present);
      return;
    }
    case 'RLE':
      if (type !== 'BOOLEAN') throw badDataFile(`a page holds ${type} as runs, which only truth values are`);
      if (bytes.length < valuesAt + 4) throw cutOff();
      requireRuns(bytes, valuesAt + 4, bytes.length, 1, present);
      return;
    case 'DELTA_BINARY_PACKED':
    case 'DELTA_LENGTH_BYTE_ARRAY':
      requireDeltas(bytes, valuesAt, present);
      return;
    case 'DELTA_BYTE_ARRAY':
      requirePrefixes(bytes, valuesAt, present, textBytesAtMost);
      return;
    case 'BYTE_STREAM_SPLIT': {
      const width = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8 }[String(type)] ?? fixedBytes;
      if (present * width > bytes.length - valuesAt) throw cutOff();
      return;
    }
    default:
      return;
  }
}

interface Levels {
  readonly valuesAt: number;
  readonly nulls: number;
  readonly beginnings: number;
}

function requireLevels({ bytes, values, levels }: UnpackedPage, path: SchemaTree[]): Levels {
  const repetition = getMaxRepetitionLevel(path);
  const definition = getMaxDefinitionLevel(path);
  const repetitionAt = levels === null && repetition > 0 ? 4 : 0;
  const repetitionEnd = endOfLevels(bytes, 0, repetition, levels === null ? null : levels.repetitionBytes);
  if (repetition > 0) requireRuns(bytes, repetitionAt, repetitionEnd, bitWidthOf(repetition), values);
  const beginnings = repetition > 0 ? countOthers(bytes, repetitionAt, values, repetition) : values;
  const definitionAt = repetitionEnd + (levels === null && definition > 0 ? 4 : 0);
  const valuesAt = endOfLevels(bytes, repetitionEnd, definition, levels === null ? null : levels.definitionBytes);
  if (definition > 0) requireRuns(bytes, definitionAt, valuesAt, bitWidthOf(definition), values);
  if (levels !== null) return { valuesAt, nulls: levels.nulls, beginnings };
  return { valuesAt, nulls: definition > 0 ? countOthers(bytes, definitionAt, values, definition) : 0, beginnings };
}

/** `counted` where the header of the page says how many bytes; else they are in front, in four bytes. */
function endOfLevels(bytes: Uint8Array, at: number, level: number, counted: number | null): number {
  if (counted !== null) return at + counted;
  if (level === 0) return at;
  if (bytes.length < at + 4) throw cutOff();
  const end = at + 4 + u32(bytes, at);
  if (end > bytes.length) throw cutOff();
  return end;
}

/** Values whose level is another than the largest. */
function countOthers(bytes: Uint8Array, offset: number, values: number, most: number): number {
  const levels = new Uint8Array(values);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  readRleBitPackedHybrid({ view, offset }, bitWidthOf(most), levels, bytes.length);
  let others = 0;
  for (const level of levels) if (level !== most) others += 1;
  return others;
}
