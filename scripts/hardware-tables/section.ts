import { citation, type Source } from '../../src/core/hardware/tables/source.ts';

interface Sourced {
  readonly source: Source;
}
/** Of the versions that a row is of; `to` is the last one, and null where it is the newest. */
export const versions = {
  from: ({ from }: { readonly from: string }): string => from,
  to: ({ to }: { readonly to: string | null }): string | null => to,
};

type Columns<Row> = Readonly<Record<string, (row: Row) => string | number | null>>;

const escaped = (text: string): string => text.replaceAll('|', String.raw`\|`);
const cell = (text: string | number | null): string => (text === null || text === '' ? '-' : escaped(String(text)));

/** A table under its title, with a number for the source of each row; the sources stand below it. */
export function section<Row extends Sourced>(title: string, rows: readonly Row[], columns: Columns<Row>): string {
  const sources = [...new Set(rows.map(({ source }) => citation(source)))];
  const names = [...Object.keys(columns), 'source'];
  const lines = rows.map((row) => [
    ...Object.values(columns).map((column) => cell(column(row))),
    String(sources.indexOf(citation(row.source)) + 1),
  ]);
  const widths = names.map((name, at) => Math.max(3, name.length, ...lines.map((line) => (line[at] ?? '').length)));
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((text, at) => text.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const urls = new Map(rows.map(({ source }) => [citation(source), source.url]));
  const notes = sources.map((text, at) => {
    const url = urls.get(text) ?? null;
    return `${at + 1}. ${url === null ? text : `[${text}](${url})`}`;
  });
  return [
    `## ${title}`,
    '',
    row(names),
    row(widths.map((width) => '-'.repeat(width))),
    ...lines.map(row),
    '',
    ...notes,
  ].join('\n');
}
