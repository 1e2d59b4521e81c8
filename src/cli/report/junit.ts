import { fullMessage, type Finding, type Report } from './report.ts';

/** JUnit XML in the form that CI servers agree on: warnings fail as well, because they fail the command. */
export function junitOf(report: Report): string {
  const failing = report.findings.filter(isFailing).length;
  const skipped = report.findings.filter(isSkipped).length;
  const counts = `tests="${report.findings.length}" failures="${failing}" skipped="${skipped}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="plimsoll" ${counts}>`,
    `  <testsuite name="plimsoll ${xml(report.title)}" ${counts}>`,
    ...report.findings.flatMap((finding) => testCase(finding, report.title)),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}

const isSkipped = ({ level, waived }: Finding): boolean => level === 'note' || waived !== undefined;
const isFailing = (finding: Finding): boolean =>
  (finding.level === 'error' || finding.level === 'warning') && !isSkipped(finding);

function testCase(finding: Finding, title: string): readonly string[] {
  const open = `    <testcase classname="plimsoll.${xml(title)}" name="${xml(finding.name)}" file="${xml(finding.file)}"`;
  if (finding.level === 'pass') return [`${open}/>`];
  if (finding.level === 'advice') return [`${open}>`, systemOut(finding), '    </testcase>'];
  const where = `${finding.file}:${finding.line}:${finding.column}`;
  const inner = isFailing(finding)
    ? `      <failure type="${xml(finding.rule)}" message="${xml(finding.message)}">${xml(`${where}: ${fullMessage(finding)}`)}</failure>`
    : `      <skipped message="${xml(finding.message)}"/>`;
  return [`${open}>`, inner, '    </testcase>'];
}

const systemOut = (finding: Finding): string => `      <system-out>${xml(fullMessage(finding))}</system-out>`;

const entities: Readonly<Record<string, string>> = {
  '\n': '&#10;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
/** XML 1.0 section 2.2 forbids most control characters even as references, so they become U+FFFD. */
const forbidden = new RegExp('[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff]', 'g');

function xml(text: string): string {
  return text.replaceAll(forbidden, '\ufffd').replaceAll(/[&<>"\n]/g, (character) => entities[character] ?? '');
}
