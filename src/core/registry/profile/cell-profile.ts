import { mergedNumbers, numberSummarizer, type NumberSummary } from './number-summary.ts';

/** A column of lists of numbers, such as `number[784]`: all cells together, and which of them never move. */
export interface CellProfile {
  /** Cells of a row, nested lists laid flat; null where rows differ. */
  readonly cells: number | null;
  readonly lengths: { readonly min: number; readonly max: number };
  readonly numbers: NumberSummary | null;
  /** Cells that hold no number: null, or something else. */
  readonly missing: number;
  /** Per cell the one value that every row has there, else null; empty where rows differ, or have too many cells. */
  readonly constant: readonly (number | null)[];
}

/** Cells whose constancy is followed; lists that are longer are told without it. */
const followedAtMost = 65_536;
/** Nesting that is looked into, as deep as rows may be. */
const depthAtMost = 32;

export interface CellProfiler {
  add(list: readonly unknown[]): void;
  /** Null for no lists. */
  profile(): CellProfile | null;
}

export function cellProfiler(): CellProfiler {
  const numbers = numberSummarizer();
  let cells: number | null = null;
  let min = Infinity;
  let max = 0;
  let missing = 0;
  let rows = 0;
  let constant: Float64Array | null = null;
  const visit = (value: unknown, at: number, depth: number): number => {
    if (Array.isArray(value) && depth < depthAtMost) {
      return value.reduce<number>((next, one) => visit(one, next, depth + 1), at);
    }
    const isNumber = typeof value === 'number';
    if (isNumber) numbers.add(value);
    else missing += 1;
    if (constant !== null && at < constant.length) {
      if (rows === 0) constant[at] = isNumber ? value : NaN;
      else if (constant[at] !== value) constant[at] = NaN;
    }
    return at + 1;
  };
  return {
    add(list) {
      if (rows === 0) {
        const first = sizeOf(list, 0);
        constant = first <= followedAtMost ? new Float64Array(first).fill(NaN) : null;
      }
      const size = visit(list, 0, 0);
      cells = rows === 0 || cells === size ? size : null;
      if (constant !== null && size !== constant.length) constant = null;
      min = Math.min(min, size);
      max = Math.max(max, size);
      rows += 1;
    },
    profile: () =>
      rows === 0
        ? null
        : {
            cells,
            lengths: { min, max },
            numbers: numbers.summary(),
            missing,
            constant: constant === null ? [] : Array.from(constant, (value) => (Number.isNaN(value) ? null : value)),
          },
  };
}

function sizeOf(value: unknown, depth: number): number {
  if (!Array.isArray(value) || depth >= depthAtMost) return 1;
  return value.reduce<number>((sum, one) => sum + sizeOf(one, depth + 1), 0);
}

/** Share of the cells that hold one and the same number in every row; null where that was not followed. */
export function constantCellShare({ cells, constant }: CellProfile): number | null {
  if (cells === null || cells === 0 || constant.length !== cells) return null;
  return constant.filter((value) => value !== null).length / cells;
}

export function mergedCells(a: CellProfile | null, b: CellProfile | null): CellProfile | null {
  if (a === null || b === null) return a ?? b;
  return {
    cells: a.cells === b.cells ? a.cells : null,
    lengths: { min: Math.min(a.lengths.min, b.lengths.min), max: Math.max(a.lengths.max, b.lengths.max) },
    numbers: mergedNumbers(a.numbers, b.numbers),
    missing: a.missing + b.missing,
    constant:
      a.constant.length === b.constant.length
        ? a.constant.map((value, at) => (value === b.constant[at] ? value : null))
        : [],
  };
}
