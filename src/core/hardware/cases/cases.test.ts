import { describe, expect, it } from 'vitest';
import { judgeDevice, verdictOf } from '../judge-device.ts';
import { worstOf } from '../rules/outcome.ts';
import { allCases } from './all-cases.ts';
import { classOf, demandsOf } from './case-row.ts';

describe('the cases of one service on one device', () => {
  it.each(allCases.map((row) => [`${row.name}: ${row.compatibility}`, row] as const))('%s', (_name, row) => {
    const demands = demandsOf(row);
    const judged = judgeDevice(demands, classOf(row));
    expect(judged.compatibility, JSON.stringify(judged.findings, null, 1)).toBe(row.compatibility);
    const deciding = judged.findings.filter(({ weight }) => weight === 'deciding').map(({ rule }) => rule);
    expect(deciding, JSON.stringify(judged.findings, null, 1)).toContain(row.rule);
    expect(judged.verdict).toBe(verdictOf(row.compatibility, demands.hardware.allow));
    // What is said is what was decided: the findings alone give the same answer.
    const said = judged.findings.filter(({ weight }) => weight !== 'warning').map(({ compatibility }) => compatibility);
    expect(worstOf(said)).toBe(judged.compatibility);
    for (const finding of judged.findings) {
      expect(finding.message).not.toBe('');
      expect(finding.source).not.toBe('');
      if (finding.weight === 'deciding' && ['incompatible', 'unknown'].includes(finding.compatibility)) {
        expect(finding.fix, finding.message).toBeTruthy();
      }
    }
  });

  it('are more than 150, each with a name of its own', () => {
    expect(allCases.length).toBeGreaterThan(164);
    expect(new Set(allCases.map(({ name }) => name)).size).toBe(allCases.length);
  });
});
