import { describe, expect, it } from 'vitest';
import { judgeCell, learningOf, type CellRuns } from './judge-cell.ts';
import type { RunRecord } from './run-record.ts';

const steps = 720;
const endMs = steps * 10_000;

/** Two hours of ten requests a step: so many in time from ten minutes on, none before, on so many replicas. */
function run(kept: number, held: number, saturatedMs: number | null = 100_000): RunRecord {
  const list = (value: (step: number) => number): number[] => Array.from({ length: steps }, (_, step) => value(step));
  return {
    arrived: list(() => 100),
    kept: list((step) => (step < 60 ? 0 : kept)),
    held: list(() => held),
    saturatedMs,
  };
}

const of = { workload: 'any', startSeconds: 40, wrong: 'capacity', factor: 2 } as const;
const runs = (changes: Partial<CellRuns>): CellRuns => ({
  own: [run(100, 10)],
  right: [run(100, 10)],
  keda: [run(100, 20)],
  endMs,
  ...changes,
});

describe('when learning is over', () => {
  it('is three starts after the slowest draw has saturated, and ten minutes at least', () => {
    expect(learningOf([run(1, 1, 100_000), run(1, 1, 900_000)], 40, endMs)).toEqual({
      scoredFromMs: 1_020_000,
      saturates: true,
    });
    expect(learningOf([run(1, 1, 100_000)], 40, endMs)).toEqual({ scoredFromMs: 600_000, saturates: true });
  });

  it('is after ten minutes where a draw never saturates, or leaves less than a tenth to score', () => {
    const never = { scoredFromMs: 600_000, saturates: false };
    expect(learningOf([run(1, 1, 100_000), run(1, 1, null)], 40, endMs)).toEqual(never);
    expect(learningOf([run(1, 1, 6_400_000)], 40, endMs)).toEqual(never);
  });
});

describe('a cell', () => {
  it('is met at 99%, or half a point below KEDA, and what came before learning was over does not count', () => {
    expect(judgeCell(of, runs({}), null)).toMatchObject({ verdict: 'met', attainmentShare: 1, cost: 1 });
    expect(judgeCell(of, runs({ own: [run(98.6, 10)] }), null).verdict).toBe('late');
    expect(judgeCell(of, runs({ own: [run(98.6, 10)], keda: [run(99, 20)] }), null).verdict).toBe('met');
    expect(judgeCell(of, runs({ own: [run(98.4, 10)], keda: [run(99, 20)] }), null).verdict).toBe('late');
  });

  it('costs at most 1.15 of right knowledge and a replica more, where it saturates', () => {
    expect(judgeCell(of, runs({ own: [run(100, 12.5)] }), null).verdict).toBe('met');
    expect(judgeCell(of, runs({ own: [run(100, 12.6)] }), null).verdict).toBe('dear');
    expect(judgeCell(of, runs({ own: [run(100, 40, null)] }), null).verdict).toBe('met');
  });

  it('is excused where the same policy, told the truth when learning was over, is no better', () => {
    const late = runs({ own: [run(90, 10)] });
    expect(judgeCell(of, late, [run(90.4, 10)]).verdict).toBe('excused');
    expect(judgeCell(of, late, [run(90.6, 10)]).verdict).toBe('late');
    const dear = runs({ own: [run(100, 20)] });
    expect(judgeCell(of, dear, [run(100, 17)]).verdict).toBe('excused');
    expect(judgeCell(of, dear, [run(100, 16)]).verdict).toBe('dear');
  });
});
