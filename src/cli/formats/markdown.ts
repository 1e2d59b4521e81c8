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
  const rows = report.findings.map(({ name, level, message, next, file, line }) => {
    const where = level === 'error' || level === 'warning' ? ` (${file}:${line})` : '';
    return `| ${cell(name)} | ${words[level]} | ${cell(message)}${cell(where)} | ${next === undefined ? '' : `\`${cell(next)}\``} |`;
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

/** A table cell cannot hold a line break or a bar, and HTML in a message must stay text. */
const cell = (text: string): string =>
  text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;');
