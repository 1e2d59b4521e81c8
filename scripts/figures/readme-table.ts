import type { FigureDefinition, RecordedFigures } from './figure.ts';

const begin = '<!-- figures: written by npm run generate from bench/figures.json -->';
const end = '<!-- end of figures -->';

/** The README with its table of figures made anew. @throws Error where a figure is missing, or the markers are. */
export function withFigures(
  readme: string,
  definitions: readonly FigureDefinition[],
  recorded: RecordedFigures,
): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from === -1 || to < from) throw new Error('README.md has lost the comments between which its figures stand');
  const table = figureTable(definitions, recorded);
  return `${readme.slice(0, from + begin.length)}\n\n${table}\n\n${readme.slice(to)}`;
}

function figureTable(definitions: readonly FigureDefinition[], recorded: RecordedFigures): string {
  const rows = definitions.map(({ id, what, command, aim }) => {
    const figure = recorded[id];
    if (figure === undefined) throw new Error(`no figure is recorded for ${id}`);
    const verdict = figure.met ? 'met' : (figure.missed ?? 'missed');
    return [what, `\`${command}\``, figure.text, aim === null ? verdict : `${aim}: ${verdict}`, figure.date];
  });
  const lines = [['what', 'command', 'measured', 'aim', 'on'], ...rows].map((row) =>
    row.map((cell) => cell.replaceAll('|', String.raw`\|`)),
  );
  const widths = (lines[0] ?? []).map((_, at) => Math.max(3, ...lines.map((line) => (line[at] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, at) => text.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
