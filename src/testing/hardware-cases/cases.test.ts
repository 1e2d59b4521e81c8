import { describe, expect, it } from 'vitest';
import { judgeDevice } from '../../core/hardware/judging/judge-device.ts';
import { allCases } from './all-cases.ts';
import { classOf, demandsOf } from './case-row.ts';
import { nodeRows } from './pool-cases.ts';
import { caseCount, checkCase, checkNode, firstFailure } from './run-cases.ts';

describe('the cases of one service on one device', () => {
  it.each(allCases.map((row) => [`${row.name}: ${row.compatibility}`, row] as const))('%s', (_name, row) => {
    expect(checkCase(row)).toBeNull();
  });

  it('say what is wrong with its source, and what would put it right', () => {
    for (const row of allCases) {
      for (const finding of judgeDevice(demandsOf(row), classOf(row)).findings) {
        expect(finding.message).not.toBe('');
        expect(finding.source).not.toBe('');
        if (finding.weight === 'deciding' && ['incompatible', 'unknown'].includes(finding.compatibility)) {
          expect(finding.fix, finding.message).toBeTruthy();
        }
      }
    }
  });

  it('are more than 164, each with a name and a source of its own', () => {
    expect(allCases.length).toBeGreaterThan(164);
    expect(new Set(allCases.map(({ name }) => name)).size).toBe(allCases.length);
    expect(allCases.filter(({ source }) => source === '')).toEqual([]);
  });
});

describe('the cases of one service on one node', () => {
  it.each(nodeRows.map((row) => [`${JSON.stringify(row)}`, row] as const))('%s', (_name, row) => {
    expect(checkNode(row)).toBeNull();
  });
});

describe('the mutation run', () => {
  it('goes over all cases and finds none wrong', () => {
    expect(firstFailure()).toBeNull();
    expect(caseCount).toBeGreaterThan(3000);
  });
});
