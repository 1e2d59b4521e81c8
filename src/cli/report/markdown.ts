import type { Finding, Report } from './report.ts';

const words: Readonly<Record<Finding['level'], string>> = {
  pass: 'pass',
  advice: 'note',
  note: 'waived',
  warning: '**not proven**',
  error: '**fail**',
};

/** A table for a comment or a job summary. */
export function markdownOf(report: Report): string {
  const rows = report.findings.map(({ name, level, message, waived, next, file, line }) => {
    const where = level === 'error' || level === 'warning' ? ` (${file}:${line})` : '';
    const word = waived === undefined ? words[level] : '**waived although it fails**';
    return `| ${markdownCell(name)} | ${word} | ${markdownCell(message)}${markdownCell(where)} | ${next === undefined ? '' : `\`${markdownCell(next)}\``} |`;
  });
  return [
    `### plimsoll ${report.title}`,
    '',
    report.conclusion,
    '',
    '| what | state | because | next |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** Cells are text, made safe here; a verdict in bold stays bold. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownCell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)];
}

/** A table cell cannot hold a line break or a bar, and HTML in a message must stay text. */
export const markdownCell = (text: string): string =>
  text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;');
