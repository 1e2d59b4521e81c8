import type { ParquetParsers, SchemaElement, SchemaTree } from 'hyparquet';
import { isListLike, isMapLike } from 'hyparquet/src/schema.js';
import { badDataFile } from '../data-file.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Instants stay integers until their column says in which unit and zone they are written; nothing is rounded. */
export const exactParsers: ParquetParsers = {
  timestampFromMilliseconds: (millis) => millis * 1_000_000n,
  timestampFromMicroseconds: (micros) => micros * 1_000n,
  timestampFromNanoseconds: (nanos) => nanos,
  dateFromDays: (days) => days,
  stringFromBytes: (bytes) => text(bytes),
  jsonFromBytes: (bytes) => text(bytes),
  geometryFromBytes: (bytes) => bytes,
  geographyFromBytes: (bytes) => bytes,
  uuidFromBytes(bytes) {
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  },
};

function text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw badDataFile('a text is not UTF-8', 'write it as UTF-8, or as a column of bytes');
  }
}

/** Of 256 bits, the largest there are. */
const decimalDigitsAtMost = 76;
const decimalBytesAtMost = 32;

/** Decimals are kept as the integers that they are stored as, which hyparquet would round: their scale is applied here. */
export function keepDecimals(element: SchemaElement): SchemaElement {
  if (element.converted_type !== 'DECIMAL' && element.logical_type?.type !== 'DECIMAL') return element;
  const { converted_type: _, ...kept } = element;
  const told = element.logical_type?.type === 'DECIMAL' ? element.logical_type : undefined;
  const scale = told?.scale ?? element.scale ?? 0;
  const bytes = element.type_length ?? 0;
  if (scale < 0 || scale > decimalDigitsAtMost || bytes > decimalBytesAtMost) {
    throw badDataFile(`a column of decimals has ${scale} digits behind the point in ${bytes} bytes, which cannot be`);
  }
  return {
    ...kept,
    scale,
    logical_type: { type: 'DECIMAL', scale, precision: told?.precision ?? element.precision ?? 38 },
  };
}

/**
 * A value as JSON carries it:
 *
 * | Parquet | row |
 * |---|---|
 * | integers | number; text in all of a column that holds one beyond 2^53 (`wide`) |
 * | float16, float32, double | the same number in 64 bits; NaN is missing, infinity is refused |
 * | decimal | number up to 15 digits of precision, which 64 bits hold exactly enough to come out again; text beyond |
 * | string, enum, JSON, UUID | text |
 * | other bytes | text in base64 |
 * | date, time, timestamp | ISO 8601 text: `2026-11-24`, `15:04:05.250`, `2026-11-24T15:04:05Z` (no Z where it is local) |
 * | list, struct, map | list, object, object |
 * | null | null |
 */
export function rowValue(value: unknown, node: SchemaTree, wide: boolean): unknown {
  if (value === null || value === undefined) return null;
  if (isListLike(node)) return listValue(value, itemOf(node), wide);
  if (isMapLike(node)) return mapValue(value, node.children[0]?.children[1], wide);
  if (Array.isArray(value)) return listValue(value, node, wide);
  if (node.children.length > 0) {
    const struct = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      node.children.map((child) => [child.element.name, rowValue(struct[child.element.name], child, wide)]),
    );
  }
  return leafValue(value, node.element, wide);
}

function itemOf(node: SchemaTree): SchemaTree {
  const repeated = node.children[0] as SchemaTree;
  return repeated.children.length === 1 ? (repeated.children[0] as SchemaTree) : repeated;
}

function listValue(value: unknown, item: SchemaTree, wide: boolean): unknown {
  return Array.isArray(value) ? value.map((one) => rowValue(one, item, wide)) : rowValue(value, item, wide);
}

function mapValue(value: unknown, item: SchemaTree | undefined, wide: boolean): unknown {
  const entries = Object.entries(value as object);
  return Object.fromEntries(entries.map(([key, one]) => [key, item === undefined ? null : rowValue(one, item, wide)]));
}

function leafValue(value: unknown, element: SchemaElement, wide: boolean): unknown {
  const { logical_type: logical, converted_type: converted } = element;
  if (logical?.type === 'DECIMAL') return decimal(value, logical.precision, logical.scale);
  if (logical?.type === 'DATE' || converted === 'DATE') return dateText(Number(value));
  if (logical?.type === 'TIME') return timeText(value, logical.unit);
  if (converted === 'TIME_MILLIS') return timeText(value, 'MILLIS');
  if (converted === 'TIME_MICROS') return timeText(value, 'MICROS');
  if (logical?.type === 'TIMESTAMP') return timestampText(value as bigint, logical.isAdjustedToUTC);
  if (converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS') return timestampText(value as bigint, true);
  if (element.type === 'INT96') return timestampText(value as bigint, false);
  if (typeof value === 'bigint') return integer(value, wide);
  if (wide && typeof value === 'number') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    if (Number.isNaN(value)) return null;
    throw badDataFile(`the column ${element.name} holds an infinite number`, 'replace infinities, or leave them out');
  }
  return value instanceof Uint8Array ? base64(value) : value;
}

function integer(value: bigint, wide: boolean): unknown {
  if (wide) return String(value);
  if (value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw badDataFile(`the integer ${value} is beyond 2^53, which the statistics of the file deny`);
}

function decimal(value: unknown, precision: number, scale: number): unknown {
  const unscaled = value instanceof Uint8Array ? signed(value) : BigInt(value as number | bigint);
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  const written = scale > 0 ? `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}` : `${sign}${digits}`;
  return precision <= 15 ? Number(written) : written;
}

function signed(bytes: Uint8Array): bigint {
  if (bytes.length > decimalBytesAtMost) throw badDataFile(`a decimal has ${bytes.length} bytes, which cannot be`);
  const unsigned = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return BigInt.asIntN(bytes.length * 8, unsigned);
}

const dayMs = 86_400_000;

function dateText(days: number): string {
  const atMs = days * dayMs;
  if (Math.abs(atMs) > 8.64e15) throw badDataFile(`the date ${days} days from 1970 is out of range`);
  return new Date(atMs).toISOString().split('T', 1)[0] as string;
}

/** As many digits of the second as there are, in threes: none, milliseconds, microseconds, nanoseconds. */
function fraction(nanos: bigint): string {
  if (nanos === 0n) return '';
  return `.${nanos
    .toString()
    .padStart(9, '0')
    .replace(/(?:000){1,2}$/, '')}`;
}

function timestampText(nanos: bigint, utc: boolean): string {
  const inSecond = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const atMs = Number((nanos - inSecond) / 1_000_000n);
  if (Math.abs(atMs) > 8.64e15) throw badDataFile(`a timestamp is out of range: ${nanos} ns from 1970`);
  return `${new Date(atMs).toISOString().replace(/\.000Z$/, '')}${fraction(inSecond)}${utc ? 'Z' : ''}`;
}

function timeText(value: unknown, unit: 'MILLIS' | 'MICROS' | 'NANOS'): string {
  const nanos = BigInt(value as number | bigint) * { MILLIS: 1_000_000n, MICROS: 1_000n, NANOS: 1n }[unit];
  if (nanos < 0n || nanos >= 86_400_000_000_000n) throw badDataFile(`a time of day is out of range: ${nanos} ns`);
  return timestampText(nanos, false).replace('1970-01-01T', '');
}

const alphabet = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const padding = 61;

/** Written as bytes first: a text that grows by characters takes 32 bytes of memory for each. */
function base64(bytes: Uint8Array): string {
  const out = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  for (let at = 0, to = 0; at < bytes.length; at += 3, to += 4) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const left = bytes.length - at;
    out[to] = alphabet[group >> 18] ?? 0;
    out[to + 1] = alphabet[(group >> 12) & 63] ?? 0;
    out[to + 2] = left > 1 ? (alphabet[(group >> 6) & 63] ?? 0) : padding;
    out[to + 3] = left > 2 ? (alphabet[group & 63] ?? 0) : padding;
  }
  return decoder.decode(out);
}
