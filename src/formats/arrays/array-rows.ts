import { badDataFile } from '../data-file.ts';
import type { PlacedRow } from '../json-lines.ts';
import type { ArrayElement } from './array-elements.ts';

/** One array as a column: its first axis is the rows, what is left of its shape is the value of a cell. */
export interface ArrayColumn {
  readonly name: string;
  readonly shape: readonly number[];
  readonly element: ArrayElement;
  /** The bytes behind the header, from their start each time; no longer than the array where `exact`. */
  body(): AsyncIterable<Uint8Array>;
}

/** Bytes of one row; it bounds the memory that a declared shape can take. */
const rowBytesAtMost = 64 * 1024 * 1024;

/**
 * Arrays side by side as rows. NaN is a missing value; infinity is refused, since no JSON number is one. A column of 64-bit
 * integers is read once before, to see whether one is beyond 2^53: then all of it is text, as CSV has it.
 * @throws PlimsollError `data-invalid`.
 */
export async function* arrayRows(columns: readonly ArrayColumn[]): AsyncGenerator<PlacedRow> {
  const rows = rowsOf(columns);
  const wide = new Set<string>();
  for (const column of columns) if (column.element.wide && (await isBeyond(column))) wide.add(column.name);
  const cells = columns.map((column) => arrayCells(column, wide.has(column.name)));
  try {
    for (let row = 1; row <= rows; row += 1) {
      const values: [string, unknown][] = [];
      for (const [index, column] of columns.entries()) {
        const next = await (cells[index] as AsyncGenerator<unknown>).next();
        if (next.done === true) throw cutOff(column, row);
        values.push([column.name, next.value]);
      }
      yield { line: row, row: Object.fromEntries(values) };
    }
    for (const cell of cells) await cell.next();
  } finally {
    for (const cell of cells) await cell.return(undefined);
  }
}

function rowsOf(columns: readonly ArrayColumn[]): number {
  const [first] = columns;
  if (first === undefined) throw badDataFile('it holds no array');
  for (const { name, shape } of columns) {
    if (shape.length === 0) throw badDataFile(`the array ${name} is a single value, and rows are its first axis`);
    if (shape[0] !== first.shape[0]) {
      throw badDataFile(
        `the array ${first.name} has ${first.shape[0]} rows and ${name} has ${shape[0]}; the first axis is the rows of all`,
        'save arrays of the same length, or each into data of its own',
      );
    }
  }
  return first.shape[0] ?? 0;
}

export function arrayBytes({ shape, element }: Pick<ArrayColumn, 'shape' | 'element'>): number {
  return shape.reduce((product, size) => product * size, element.bytes);
}

async function isBeyond(column: ArrayColumn): Promise<boolean> {
  for await (const { view } of rowViews(column)) {
    for (let at = 0; at < view.byteLength; at += column.element.bytes) {
      const value = column.element.read(view, at);
      if (typeof value === 'bigint' && !isSafe(value)) return true;
    }
  }
  return false;
}

const isSafe = (value: bigint): boolean =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER);

async function* arrayCells(column: ArrayColumn, asText: boolean): AsyncGenerator<unknown> {
  const cellShape = column.shape.slice(1);
  for await (const { view, row } of rowViews(column)) {
    let at = 0;
    const value = (): unknown => {
      const read = readElement(column, view, at, row);
      at += column.element.bytes;
      if (typeof read === 'bigint') return asText ? String(read) : Number(read);
      if (typeof read !== 'number' || Number.isFinite(read)) return read;
      if (Number.isNaN(read)) return null;
      throw badDataFile(
        `row ${row} of ${column.name} holds an infinite number`,
        'replace infinities, or leave them out',
      );
    };
    yield nested(cellShape, 0, value);
  }
}

function readElement(column: ArrayColumn, view: DataView, at: number, row: number): ReturnType<ArrayElement['read']> {
  try {
    return column.element.read(view, at);
  } catch {
    throw badDataFile(`row ${row} of ${column.name} holds bytes that are no text`);
  }
}

function nested(shape: readonly number[], axis: number, value: () => unknown): unknown {
  if (axis === shape.length) return value();
  return Array.from({ length: shape[axis] ?? 0 }, () => nested(shape, axis + 1, value));
}

/** The bytes of one row after another; the memory of a view is used again for the next. */
async function* rowViews(column: ArrayColumn): AsyncGenerator<{ readonly view: DataView; readonly row: number }> {
  const rows = column.shape[0] ?? 0;
  const bytes = column.shape.slice(1).reduce((product, size) => product * size, column.element.bytes);
  if (bytes > rowBytesAtMost)
    throw badDataFile(`a row of ${column.name} has ${bytes} bytes, and at most ${rowBytesAtMost} are read`);
  if (bytes === 0) throw badDataFile(`the rows of ${column.name} hold nothing (shape ${column.shape.join(' x ')})`);
  const buffer = new Uint8Array(bytes);
  const view = new DataView(buffer.buffer);
  let filled = 0;
  let row = 0;
  for await (const chunk of column.body()) {
    for (let at = 0; at < chunk.length;) {
      if (row === rows) throw badDataFile(`${column.name} goes on behind the ${rows} rows that its header declares`);
      const taken = Math.min(bytes - filled, chunk.length - at);
      buffer.set(chunk.subarray(at, at + taken), filled);
      at += taken;
      filled += taken;
      if (filled < bytes) break;
      filled = 0;
      row += 1;
      yield { view, row };
    }
  }
  if (row < rows) throw cutOff(column, row + 1);
}

function cutOff({ name, shape }: ArrayColumn, row: number): Error {
  return badDataFile(`${name} is cut off in row ${row} of the ${shape[0]} that its header declares`, undefined, {
    row,
  });
}

/** The stream without its first `bytes`. */
export async function* behind(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

/** The first bytes of a stream, at least `bytes` of them unless it is shorter; nothing more of it is read. */
export async function headOf(chunks: AsyncIterable<Uint8Array>, bytes: number): Promise<Uint8Array> {
  const head = new Uint8Array(bytes);
  let filled = 0;
  for await (const chunk of chunks) {
    const taken = chunk.subarray(0, bytes - filled);
    head.set(taken, filled);
    filled += taken.length;
    if (filled === bytes) break;
  }
  return head.subarray(0, filled);
}
