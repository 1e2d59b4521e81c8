import { githubOf } from './github.ts';
import { junitOf } from './junit.ts';
import { markdownOf } from './markdown.ts';
import type { Report, ReportFormat } from './report.ts';
import { sarifOf } from './sarif.ts';

/** A report for another program; `text` is the command's own business. */
export function reportText(report: Report, format: Exclude<ReportFormat, 'text'>): string {
  switch (format) {
    case 'sarif':
      return sarifOf(report);
    case 'junit':
      return junitOf(report);
    case 'github':
      return githubOf(report);
    case 'markdown':
      return markdownOf(report);
  }
}
