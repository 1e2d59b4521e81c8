import type { Label } from '../../core/evaluation/labelled-outcomes.ts';
import type { SliceColumn } from '../../core/evaluation/measure/measure.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';

export interface DatasetFacts {
  readonly labels: readonly Label[];
  readonly slices: readonly SliceColumn[];
}

/** Labels and slices of every row, and nothing else of it, so that a million rows fit. @throws PlimsollError `labels-missing`, `slice-missing`. */
export async function readDataset(
  rows: AsyncIterable<PlacedRow>,
  labelColumn: string,
  sliceColumns: readonly string[],
): Promise<DatasetFacts> {
  const labels: Label[] = [];
  const values = new Map(sliceColumns.map((column) => [column, [] as (string | null)[]]));
  // One copy of each value, however many rows have it.
  const known = new Map<string, string>();
  let columns: readonly string[] = [];
  for await (const { row, line } of rows) {
    if (columns.length === 0) columns = Object.keys(row);
    const label = row[labelColumn] as Label;
    if (label === undefined || label === null) throw labelMissing(labelColumn, line, columns);
    labels.push(typeof label === 'string' ? once(known, label) : label);
    for (const [column, list] of values) {
      const value = row[column];
      list.push(value === undefined || value === null ? null : once(known, textOf(value)));
    }
  }
  for (const [column, list] of values) {
    if (labels.length > 0 && list.every((value) => value === null)) throw sliceMissing(column, columns);
  }
  return { labels, slices: [...values].map(([column, list]) => ({ column, values: list })) };
}

function once(known: Map<string, string>, text: string): string {
  const found = known.get(text);
  if (found !== undefined) return found;
  known.set(text, text);
  return text;
}

const textOf = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 200);

function labelMissing(column: string, line: number, columns: readonly string[]): PlimsollError {
  const meant = nearest(column, columns);
  const has = columns.slice(0, 10).join(', ');
  return new PlimsollError({
    code: 'labels-missing',
    category: 'input',
    message: `the row of line ${line} has no label in the column ${column}; the columns are ${has}${meant === null || meant === column ? '' : ` (is it ${meant}?)`}`,
    next: 'write evaluation.label: COLUMN into the contract, or mend the data',
    details: { column, line, columns },
  });
}

function sliceMissing(column: string, columns: readonly string[]): PlimsollError {
  return new PlimsollError({
    code: 'slice-missing',
    category: 'input',
    message: `no row has the column ${column} that evaluation.slices names; the columns are ${columns.slice(0, 10).join(', ')}`,
    next: 'mend evaluation.slices in the contract',
    details: { column, columns },
  });
}
