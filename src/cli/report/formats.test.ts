import { describe, expect, it } from 'vitest';
import { reportText } from './formats.ts';
import type { Finding, Report } from './report.ts';

const finding: Finding = {
  rule: 'evidence-golden',
  name: 'golden <evidence> in "a"',
  level: 'warning',
  message: '100% | broken\nsecond, line: & <b>\u0007',
  next: 'plimsoll golden record',
  file: 'a folder/plimsoll.lock',
  line: 1,
  column: 1,
};
const report: Report = {
  title: 'check',
  toolVersion: '0.0.0',
  conclusion: '1 kind of evidence not proven',
  findings: [finding, { ...finding, level: 'pass', name: 'contract' }, { ...finding, level: 'note' }],
};

it.each(['github', 'markdown', 'junit'] as const)('forges no line of %s out of a name', (format) => {
  const forged = 'gpu-1\n::error::forged\u001b[2J\u202e';
  const named = { ...finding, name: forged, message: forged, next: forged, file: forged };
  const text = reportText({ ...report, conclusion: forged, findings: [named] }, format);
  expect(text).not.toMatch(/[\u001b\u202e]|\n::error/);
});

it('shows a failure that was let through as the failure that it is, and fails no job for it', () => {
  const passed = { ...finding, level: 'error', waived: 'waived although it fails by ann: known' } as const;
  const through = { ...report, findings: [passed] };
  expect(reportText(through, 'github')).toMatch(/^::error /);
  expect(reportText(through, 'junit')).toContain('failures="0" skipped="1"');
  expect(reportText(through, 'markdown')).toContain('| **waived although it fails** |');
  expect(JSON.parse(reportText(through, 'sarif')).runs[0].results).toMatchObject([
    { level: 'error', suppressions: [{ kind: 'external', status: 'accepted', justification: passed.waived }] },
  ]);
});

describe('a message with characters that mean something to the format', () => {
  it('stays one annotation on GitHub', () => {
    const lines = reportText(report, 'github').split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe(
      '::warning file=a folder/plimsoll.lock,line=1,col=1,title=plimsoll check%3A golden <evidence> in "a"::100%25 | broken%0Asecond, line: & <b>\\u{7} (next: plimsoll golden record)',
    );
    expect(lines[1]).toMatch(/^::notice /);
  });

  it('stays well-formed XML in JUnit', () => {
    const xml = reportText(report, 'junit');
    expect(xml).toContain('name="golden &lt;evidence&gt; in &quot;a&quot;"');
    expect(xml).toContain('tests="3" failures="1" skipped="1"');
    expect(xml).not.toContain('\u0007');
    expect(xml.match(/<testcase /g)).toHaveLength(3);
    expect(xml.match(/<\/testcase>|\/>\n/g)?.length).toBeGreaterThanOrEqual(3);
  });

  it('stays one row of a table in Markdown', () => {
    const rows = reportText(report, 'markdown')
      .split('\n')
      .filter((line) => line.startsWith('| golden'));
    expect(rows).toHaveLength(2);
    expect(rows[0]?.replaceAll('\\|', '').split('|')).toHaveLength(6);
    expect(rows[0]).not.toContain('<b>');
  });

  it('stays JSON in SARIF, with an encoded path', () => {
    const { runs } = JSON.parse(reportText(report, 'sarif')) as {
      runs: [
        { results: { level: string; locations: [{ physicalLocation: { artifactLocation: { uri: string } } }] }[] },
      ];
    };
    expect(runs[0].results.map(({ level }) => level)).toEqual(['warning', 'note']);
    expect(runs[0].results[0]?.locations[0].physicalLocation.artifactLocation.uri).toBe('a%20folder/plimsoll.lock');
  });
});
