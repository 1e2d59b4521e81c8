import { visibleLine } from '../../core/units/visible-text.ts';

/** Rows as aligned columns, two spaces apart; the last column is as long as it is. Empty rows give no lines; a break in a cell is shown. */
export function alignedTable(given: readonly (readonly string[])[], indent = ''): readonly string[] {
  const rows = given.map((row) => row.map(visibleLine));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...rows.map((row) => (column === row.length - 1 ? 0 : displayWidth(row[column] ?? '')))),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - displayWidth(cell)),
    );
    return `${indent}${cells.join('  ')}`.trimEnd();
  });
}

const escapeCodes = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;]*m`, 'g');

/** Characters that a terminal shows, colours left out. */
function displayWidth(text: string): number {
  return [...text.replaceAll(escapeCodes, '')].length;
}

/** Lines as one text: what is foreign in one of them cannot begin another. */
export const textOfLines = (lines: readonly string[]): string => lines.map(visibleLine).join('\n');
