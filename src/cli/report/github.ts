import { fullMessage, type Finding, type Report } from './report.ts';

const commandOf: Readonly<Record<Exclude<Finding['level'], 'pass'>, string>> = {
  error: 'error',
  warning: 'warning',
  note: 'notice',
  advice: 'notice',
};

/** Workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export function githubOf(report: Report): string {
  const lines = report.findings.flatMap((finding) => {
    if (finding.level === 'pass') return [];
    const place = `file=${property(finding.file)},line=${finding.line},col=${finding.column}`;
    const title = property(`plimsoll ${report.title}: ${finding.name}`);
    return [`::${commandOf[finding.level]} ${place},title=${title}::${data(fullMessage(finding))}`];
  });
  return [...lines, report.conclusion].join('\n');
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
