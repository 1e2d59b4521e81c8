import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../testing/builders/files/onnx-models.ts';
import { brokenBudget } from './broken-budget.ts';
import type { ObservedStart } from './start-distribution.ts';

const start = (totalMs: number, outcome: ObservedStart['outcome'] = 'ready'): ObservedStart => ({
  totalMs,
  outcome,
  phases: outcome === 'ready' ? [{ phases: ['warm-up'], durationMs: totalMs / 2 }] : [],
});
const section = { budget: { p90: 1_000 }, phases: {} };
const times = (count: number, totalMs: number, outcome?: ObservedStart['outcome']) =>
  Array.from({ length: count }, () => start(totalMs, outcome));

describe('a budget that live starts break', () => {
  it('is told with the counts, once enough of them were slower', () => {
    expect(brokenBudget(times(1, 2_000), section)).toBeNull();
    expect(brokenBudget(times(5, 2_000), section)).toBe('5 of 5 live starts took longer than the p90 budget 1s');
    expect(brokenBudget([...times(60, 900), ...times(5, 2_000)], section)).toBeNull();
  });

  it('counts what failed or has lasted longer, and leaves out what still may keep it', () => {
    expect(brokenBudget(times(5, 10, 'failed'), section)).toContain('5 of 5');
    expect(brokenBudget(times(5, 1_500, 'running'), section)).toContain('5 of 5');
    expect(brokenBudget(times(50, 900, 'running'), section)).toBeNull();
  });

  it('may be that of a phase', () => {
    const phases = { 'warm-up': { p90: 300 } } as const;
    expect(brokenBudget(times(6, 900), { ...section, phases })).toBe(
      '6 of 6 live starts took longer in warm-up than the p90 budget 300ms',
    );
    expect(brokenBudget([], { ...section, phases })).toBeNull();
  });

  it('is not told more often than agreed where it just holds, though every start is looked at', () => {
    const random = seededRandom(11);
    let alarms = 0;
    const rounds = 300;
    for (let round = 0; round < rounds; round += 1) {
      const seen: ObservedStart[] = [];
      for (let at = 0; at < 150; at += 1) {
        seen.push(start(random() < 0.1 ? 2_000 : 500));
        if (brokenBudget(seen, section) === null) continue;
        alarms += 1;
        break;
      }
    }
    expect(alarms / rounds).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / rounds));
  });
});
