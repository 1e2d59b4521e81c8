import { describe, expect, it } from 'vitest';
import { judgeStarts } from '../../../src/core/evidence/kinds/cold-start/cold-start-evidence.ts';
import type { EvidenceState } from '../../../src/core/evidence/lock/lock.ts';
import { startBudgets } from './start-budget.ts';

const stateOf = (reasons: readonly string[]): EvidenceState => ({
  kind: 'cold-start',
  freshness: 'fresh',
  verdict: 'pass',
  reasons,
  available: true,
});

/** In the words that the evidence really has. */
function judged(totalMs: number, budgetMs: number, count = 40): readonly string[] {
  const starts = Array.from({ length: count }, (_, index) => ({
    totalMs: totalMs + index,
    outcome: 'ready' as const,
    phases: [{ phases: ['weights-load' as const], durationMs: totalMs / 2 }],
  }));
  const coldStart = { budget: { p90: budgetMs }, phases: { 'weights-load': { p90: budgetMs } }, from: 'process' };
  return judgeStarts(starts as never, coldStart as never).reasons;
}

describe('the budget of a start', () => {
  it.each([
    ['kept', judged(20_000, 45_000)],
    ['broken', judged(60_000, 45_000)],
    ['not decided', judged(44_990, 45_000)],
  ])('is read of evidence that says it is %s', (_, reasons) => {
    expect(startBudgets([stateOf(reasons)])).toEqual([{ quantile: 'p90', limitMs: 45_000 }]);
  });
  it('is not made up where the evidence says none', () => {
    expect(startBudgets([stateOf(judged(20_000, 45_000, 3))])).toEqual([]);
    expect(startBudgets([stateOf(['no start from process was measured; next: plimsoll coldstart'])])).toEqual([]);
    expect(startBudgets([])).toEqual([]);
  });
});
