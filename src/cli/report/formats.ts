import { visibleJson, visibleLine, visiblePlain } from '../../core/units/visible-text.ts';
import { githubOf } from './github.ts';
import { junitOf } from './junit.ts';
import { markdownOf } from './markdown.ts';
import type { Finding, Report, ReportFormat } from './report.ts';
import { sarifOf } from './sarif.ts';

/** A report for another program; `text` is the command's own business. */
export function reportText(report: Report, format: Exclude<ReportFormat, 'text'>): string {
  switch (format) {
    case 'sarif':
      return visibleJson(sarifOf(report));
    case 'junit':
      return junitOf(visibleReport(report));
    case 'github':
      return githubOf(visibleReport(report));
    case 'markdown':
      return markdownOf(visibleReport(report));
  }
}

/** Names come from clusters and files: one with a line break could forge a line of its own, such as a workflow command. */
function visibleReport(report: Report): Report {
  return {
    ...report,
    conclusion: visiblePlain(visibleLine(report.conclusion)),
    findings: report.findings.map(visibleFinding),
  };
}

function visibleFinding(finding: Finding): Finding {
  const { name, message, waived, next, file } = finding;
  return {
    ...finding,
    name: visiblePlain(visibleLine(name)),
    message: visiblePlain(message),
    file: visibleLine(file),
    ...(waived === undefined ? {} : { waived: visiblePlain(waived) }),
    ...(next === undefined ? {} : { next: visibleLine(next) }),
  };
}
