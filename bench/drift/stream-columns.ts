import type { ControlFeature, FeatureValue } from '../../src/core/monitoring/detectors/control-learners.ts';
import { readText } from '../../src/core/monitoring/features/text-features.ts';
import { isNumber, unreadable, type TextTable } from './read-csv.ts';

/** The rows of a file as features, as the watch of a service has them. */
export interface Stream {
  readonly features: readonly ControlFeature[];
  /** By feature, then by row. */
  readonly values: readonly (readonly FeatureValue[])[];
  readonly rows: number;
  /** What the column of time says of each row; null where none was named. */
  readonly times: readonly string[] | null;
}

/** Cells that stand for no value. */
const missing = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?', '-', 'inf', '-inf', 'infinity', '-infinity']);
/** A column is one of numbers where so many of its cells are, and one of codes where it has few whole numbers. */
const numericShare = 0.95;
const codesAtMost = 10;
/** Texts that hardly ever come twice become features of text. */
const repeatedAtMost = 0.5;

/**
 * The features of a table. The kind of a column is read from its first `historyRows` rows, because what comes later is not
 * known when a watch begins. A column of time orders the rows, and is no feature.
 *
 * @throws PlimsollError `stream-unreadable` (input) for a column that is not there, or a time that is none.
 */
export function readStream(table: TextTable, historyRows: number, timeColumn: string | null): Stream {
  const at = timeColumn === null ? -1 : table.names.indexOf(timeColumn);
  if (timeColumn !== null && at < 0)
    throw unreadable(`no column is named \`${timeColumn}\``, `name one of: ${table.names.join(', ')}`);
  const rows = at < 0 ? table.rows : orderByTime(table, at);
  const watched = table.names.map((name, column) => ({ name, column })).filter(({ column }) => column !== at);
  if (watched.length === 0) throw unreadable('the file has no column beside the time', 'give columns of values');
  const columns = watched.flatMap(({ name, column }) =>
    readColumn(
      name,
      rows.map((cells) => cells[column] ?? ''),
      historyRows,
    ),
  );
  return {
    features: columns.map(({ feature }) => feature),
    values: columns.map(({ values }) => values),
    rows: rows.length,
    times: at < 0 ? null : rows.map((cells) => cells[at] ?? ''),
  };
}

interface ReadColumn {
  readonly feature: ControlFeature;
  readonly values: readonly FeatureValue[];
}

function readColumn(name: string, cells: readonly string[], historyRows: number): readonly ReadColumn[] {
  const known = cells.slice(0, historyRows).filter((cell) => !isMissing(cell));
  const distinct = new Set(known.map((cell) => cell.trim()));
  const numbers = known.filter(isNumber).length;
  const feature = (kind: ControlFeature['kind']): ControlFeature => ({ name, group: name, kind });
  if (numbers > 0 && numbers >= numericShare * known.length && !isOfCodes(distinct)) {
    return [{ feature: feature('numeric'), values: cells.map((cell) => (isNumber(cell) ? Number(cell) : null)) }];
  }
  if (distinct.size > codesAtMost && distinct.size > repeatedAtMost * known.length) return readTexts(name, cells);
  return [{ feature: feature('category'), values: cells.map((cell) => (isMissing(cell) ? null : cell.trim())) }];
}

const isOfCodes = (distinct: ReadonlySet<string>): boolean =>
  distinct.size <= codesAtMost && [...distinct].every((cell) => Number.isInteger(Number(cell)));

function readTexts(name: string, cells: readonly string[]): readonly ReadColumn[] {
  const read = cells.map((cell) => readText(isMissing(cell) ? null : cell, false));
  return (read[0] ?? []).map((first, index) => ({
    feature: { name: `${name}${first.suffix}`, group: name, kind: first.kind },
    values: read.map((features) => features[index]?.value ?? null),
  }));
}

const isMissing = (cell: string): boolean => missing.has(cell.trim().toLowerCase());

/** Rows in order of their time: a number, or a date that JavaScript reads. Rows of the same time keep their order. */
function orderByTime({ rows, firstLine }: TextTable, at: number): readonly (readonly string[])[] {
  const timed = rows.map((cells, index) => {
    const cell = cells[at] ?? '';
    const time = isNumber(cell) ? Number(cell) : Date.parse(cell);
    if (Number.isNaN(time))
      throw unreadable(
        `row ${index + 1} (near line ${firstLine + index}) has the time \`${cell}\``,
        'write numbers or dates such as 2026-11-28T04:00:00Z',
      );
    return { cells, time };
  });
  return timed.sort((a, b) => a.time - b.time).map(({ cells }) => cells);
}
