import type { Charge } from '../../prices/charge-rows.ts';
import { ledgerStates, type LedgerState } from '../state.ts';
import { makeColumns, timeDimensions, type Dictionary, type Dimension, type LedgerColumns } from './columns.ts';

/** What one group of rows adds up to. */
export interface LedgerSummary {
  /** Value by dimension, in the order asked for. */
  readonly group: Readonly<Partial<Record<Dimension, string | null>>>;
  /** Device-milliseconds of the compute account. */
  readonly computeMs: number;
  readonly stateMs: Readonly<Record<LedgerState, number>>;
  readonly filledMs: number;
  readonly unratedMs: number;
  readonly answers: number;
  readonly tokens: number;
  /** Effective cost of the rows with a price, whole millionths; null where no row has one. */
  readonly micros: number | null;
  /** Device-milliseconds of the rows without a price. */
  readonly unpricedMs: number;
  /** Filled share of the time that replicas hold, 0 to 1; null where none is held, or no capacity is measured. */
  readonly utilizationShare: number | null;
  /** Millionths for 1,000 answers inside the objective; null without answers, or with unpriced time. */
  readonly microsPerThousandAnswers: number | null;
  readonly microsPerMillionTokens: number | null;
}

/**
 * Returns the rows added up by some dimensions, the most expensive group first, then the longest, then by name. Groups of an
 * hour or a day stand in the order of time, and in this order within each. Sums of whole numbers stay exact below 2^53.
 *
 * Utilization counts filled time only: a replica that is busy below its capacity has slack, and pays for it.
 *
 *     utilization = filled / (serving - unrated + idle + loading + draining)
 *
 * @param by none: one group of all rows.
 */
export const summariseLedger = (
  charges: readonly Pick<Charge, 'row' | 'effectiveMicros'>[],
  by: readonly Dimension[],
): readonly LedgerSummary[] => summariseColumns(makeColumns(charges), by);

/** As `summariseLedger`, of columns that are kept. */
export function summariseColumns(columns: LedgerColumns, by: readonly Dimension[]): readonly LedgerSummary[] {
  const keys = by.map((name) => columns.dimensions[name]);
  const { groupOf, groups } = numberGroups(columns.rows, keys);
  const sums = addUp(columns, groupOf, groups.length);
  const times = by.filter((name) => timeDimensions.includes(name));
  return groups
    .flatMap((values, group) => (sums[group * stride + at.rows] === 0 ? [] : [summaryOf(by, values, sums, group)]))
    .sort(
      (a, b) => byTime(times, a, b) || (b.micros ?? 0) - (a.micros ?? 0) || b.computeMs - a.computeMs || byName(a, b),
    );
}

interface Groups {
  readonly groupOf: Uint8Array | Uint16Array | Uint32Array;
  readonly groups: readonly (readonly (string | null)[])[];
}

/** Numbers the groups of all rows; one dimension needs no numbering, its codes are the groups. */
function numberGroups(rows: number, keys: readonly Dictionary[]): Groups {
  const [first, ...more] = keys;
  if (first === undefined) return { groupOf: new Uint8Array(rows), groups: rows === 0 ? [] : [[]] };
  return more.reduce<Groups>((before, key) => crossGroups(rows, before, key), {
    groupOf: first.codes,
    groups: first.values.map((value) => [value]),
  });
}

/** Each pair of a group and a code that occurs is a group. */
function crossGroups(rows: number, { groupOf, groups }: Groups, { codes, values }: Dictionary): Groups {
  const width = values.length;
  const crossed = new Uint32Array(rows);
  const numbers = makeNumbers(groups.length * width);
  const pairs: (readonly (string | null)[])[] = [];
  for (let row = 0; row < rows; row += 1) {
    const [group = 0, code = 0] = [groupOf[row], codes[row]];
    const pair = group * width + code;
    let number = numbers.get(pair);
    if (number === -1) {
      number = pairs.length;
      numbers.set(pair, number);
      pairs.push([...(groups[group] ?? []), values[code] ?? null]);
    }
    crossed[row] = number;
  }
  return { groupOf: crossed, groups: pairs };
}

/** A table of this many numbers is faster than a map, and takes 64 MB. */
const tableAtMost = 2 ** 24;

function makeNumbers(size: number): { get(pair: number): number; set(pair: number, number: number): void } {
  if (size > tableAtMost) {
    const map = new Map<number, number>();
    return { get: (pair) => map.get(pair) ?? -1, set: (pair, number) => void map.set(pair, number) };
  }
  const table = new Int32Array(size).fill(-1);
  return { get: (pair) => table[pair] ?? -1, set: (pair, number) => void (table[pair] = number) };
}

/** Places of the sums of a group after those of its states: 16 numbers a group, so that one pass touches one line of memory. */
const at = {
  filled: 8,
  unrated: 9,
  answers: 10,
  tokens: 11,
  micros: 12,
  unpriced: 13,
  pricedRows: 14,
  rows: 15,
} as const;
const stride = 16;

function addUp(columns: LedgerColumns, groupOf: Groups['groupOf'], groups: number): Float64Array {
  const sums = new Float64Array(groups * stride);
  const { codes } = columns.dimensions.state;
  const { computeMs, filledMs, unratedMs, answers, tokens, micros } = columns;
  const add = (place: number, amount: number): void => {
    sums[place] = (sums[place] ?? 0) + amount;
  };
  for (let row = 0; row < columns.rows; row += 1) {
    const base = (groupOf[row] ?? 0) * stride;
    const ms = computeMs[row] ?? 0;
    const price = micros[row] ?? NaN;
    add(base + (codes[row] ?? 0), ms);
    add(base + at.filled, filledMs[row] ?? 0);
    add(base + at.unrated, unratedMs[row] ?? 0);
    add(base + at.answers, answers[row] ?? 0);
    add(base + at.tokens, tokens[row] ?? 0);
    add(base + at.rows, 1);
    if (Number.isNaN(price)) add(base + at.unpriced, ms);
    else {
      add(base + at.micros, price);
      add(base + at.pricedRows, 1);
    }
  }
  return sums;
}

function summaryOf(
  by: readonly Dimension[],
  values: readonly (string | null)[],
  sums: Float64Array,
  group: number,
): LedgerSummary {
  const of = (place: keyof typeof at): number => sums[group * stride + at[place]] ?? 0;
  const stateMs = Object.fromEntries(
    ledgerStates.map((state, code) => [state, sums[group * stride + code] ?? 0]),
  ) as Record<LedgerState, number>;
  const [filledMs, unratedMs, answers, tokens] = [of('filled'), of('unrated'), of('answers'), of('tokens')];
  const unpricedMs = of('unpriced');
  const micros = of('pricedRows') === 0 ? null : of('micros');
  const ratedMs = stateMs.serving - unratedMs + stateMs.idle + stateMs.loading + stateMs.draining;
  const isRated = ratedMs > 0 && (unratedMs === 0 || stateMs.serving > unratedMs);
  const each = (many: number, unit: number): number | null =>
    micros === null || unpricedMs !== 0 || many <= 0 ? null : (micros * unit) / many;
  return {
    group: Object.fromEntries(by.map((name, index) => [name, values[index] ?? null])),
    computeMs: ledgerStates.reduce((sum, state) => sum + stateMs[state], 0),
    stateMs,
    filledMs,
    unratedMs,
    answers,
    tokens,
    micros,
    unpricedMs,
    utilizationShare: isRated ? filledMs / ratedMs : null,
    microsPerThousandAnswers: each(answers, 1_000),
    microsPerMillionTokens: each(tokens, 1_000_000),
  };
}

function byTime(times: readonly Dimension[], a: LedgerSummary, b: LedgerSummary): number {
  for (const name of times) {
    const order = compareTexts(a.group[name] ?? '', b.group[name] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

const byName = (a: LedgerSummary, b: LedgerSummary): number =>
  compareTexts(JSON.stringify(a.group), JSON.stringify(b.group));

const compareTexts = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);
