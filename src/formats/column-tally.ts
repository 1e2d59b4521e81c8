import type { DataRow } from '../core/monitoring/golden-inputs.ts';
import { badData } from './text-lines.ts';

export interface Column {
  readonly name: string;
  /**
   * `integer`, `number`, `text`, `boolean`, `object` or `mixed`; a list as `number[784]` or `number[28,28]`, with a size left
   * out where rows differ (`number[]`); with `?` where some rows have no value.
   */
  readonly type: string;
}

interface ValueType {
  /** Null for a list without elements, and for null itself: it fits any. */
  readonly element: 'integer' | 'number' | 'text' | 'boolean' | 'object' | 'mixed' | null;
  /** Sizes of nested lists; -1 where they differ. */
  readonly sizes: readonly number[];
}

const columnsAtMost = 10_000;
const nestingAtMost = 32;

/** The type of every column over all rows, in the order in which columns first appear. */
export function columnTally(): { add(row: DataRow, line: number): void; columns(): readonly Column[] } {
  const columns = new Map<string, { type: ValueType | null; values: number }>();
  let rows = 0;
  return {
    add(row, line) {
      rows += 1;
      for (const [name, value] of Object.entries(row)) {
        let column = columns.get(name);
        if (column === undefined) {
          if (columns.size >= columnsAtMost) throw badData(line, 1, `more than ${columnsAtMost} columns`);
          columns.set(name, (column = { type: null, values: 0 }));
        }
        const type = typeOf(value, line, 1);
        if (value === null) continue;
        column.values += 1;
        column.type = column.type === null ? type : merged(column.type, type);
      }
    },
    columns: () =>
      [...columns].map(([name, { type, values }]) => ({
        name,
        type: `${type === null ? 'null' : typeText(type)}${values < rows && type !== null ? '?' : ''}`,
      })),
  };
}

function typeOf(value: unknown, line: number, depth: number): ValueType {
  if (depth > nestingAtMost) throw badData(line, 1, `values nested more than ${nestingAtMost} deep`);
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) throw badData(line, 1, 'a number beyond what 64-bit floats hold');
      return { element: Number.isInteger(value) ? 'integer' : 'number', sizes: [] };
    case 'boolean':
      return { element: 'boolean', sizes: [] };
    case 'string':
      return { element: 'text', sizes: [] };
    default:
  }
  if (Array.isArray(value)) return listType(value, line, depth);
  if (value === null) return { element: null, sizes: [] };
  for (const inner of Object.values(value as object)) typeOf(inner, line, depth + 1);
  return { element: 'object', sizes: [] };
}

function listType(list: readonly unknown[], line: number, depth: number): ValueType {
  let inner: ValueType | null = null;
  for (const item of list) {
    const type = typeOf(item, line, depth + 1);
    inner = inner === null ? type : merged(inner, type);
  }
  return { element: inner?.element ?? null, sizes: [list.length, ...(inner?.sizes ?? [])] };
}

function merged(a: ValueType, b: ValueType): ValueType {
  if (a.element === b.element && a.sizes.length === 0 && b.sizes.length === 0) return a;
  const empty = (type: ValueType): boolean => type.element === null && type.sizes.at(-1) === 0;
  // An empty list says nothing of how deep the lists of other rows are.
  if (a.sizes.length !== b.sizes.length && !empty(a) && !empty(b)) return { element: 'mixed', sizes: [] };
  const deeper = a.sizes.length >= b.sizes.length ? a.sizes : b.sizes;
  const sizes = deeper.map((size, axis) => ((a.sizes[axis] ?? size) === (b.sizes[axis] ?? size) ? size : -1));
  return { element: mergedElement(a.element, b.element), sizes };
}

function mergedElement(a: ValueType['element'], b: ValueType['element']): ValueType['element'] {
  if (a === b || b === null) return a;
  if (a === null) return b;
  const numeric = (element: string): boolean => element === 'integer' || element === 'number';
  return numeric(a) && numeric(b) ? 'number' : 'mixed';
}

function typeText({ element, sizes }: ValueType): string {
  const list = sizes.length === 0 ? '' : `[${sizes.map((size) => (size === -1 ? '' : size)).join(',')}]`;
  return `${element ?? 'null'}${list}`;
}
