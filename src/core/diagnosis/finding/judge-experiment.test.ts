import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import type { Round } from './effect.ts';
import { falseNameShare, nameLevelOf, orderOfRound, plannedRounds, planExperiment } from './experiment-plan.ts';
import { isSettled, judgeRounds } from './judge-experiment.ts';

const level = nameLevelOf(3);
const plan = { rounds: plannedRounds, level };
const roundOf = (ratio: number): Round => ({ without: [50, 50], withChange: [50 * ratio, 50 * ratio] });
const times = (count: number, ratio: number): readonly Round[] => Array.from({ length: count }, () => roundOf(ratio));

describe('the judgement of an experiment', () => {
  it.each([
    ['ten rounds of 20% more answers', times(10, 1.2), 'shown'],
    ['ten rounds of 4% more answers', times(10, 1.04), 'excluded'],
    ['eight rounds of twice the answers: too few to name', times(8, 2), 'not-shown'],
    ['five rounds without a difference', times(5, 1), 'excluded'],
    ['ten rounds of which one is spoilt', [...times(9, 1.3), roundOf(0.95)], 'shown'],
    ['ten rounds of which half go the other way', [...times(5, 1.5), ...times(5, 0.8)], 'not-shown'],
  ] as const)('%s', (_, rounds, kind) => {
    expect(judgeRounds(rounds, level).kind).toBe(kind);
  });

  it('ends early only where the cause cannot be named any more', () => {
    expect(isSettled(times(4, 1), plan)).toBe(false);
    expect(isSettled(times(5, 1), plan)).toBe(true);
    expect(isSettled(times(9, 2), plan)).toBe(false);
    // Rank 3 of ten rounds: three rounds below the line hold the lower limit below it.
    expect(isSettled([...times(3, 3), ...times(2, 0.9)], plan)).toBe(false);
    expect(isSettled([...times(3, 3), ...times(3, 0.9)], plan)).toBe(true);
  });

  it('names nothing where a change does nothing, whatever the noise', () => {
    const random = seededRandom(7);
    let named = 0;
    for (let run = 0; run < 3_000; run += 1) {
      const rounds = Array.from({ length: plannedRounds }, () => roundOf(Math.exp((random.nextShare() - 0.5) * 2)));
      if (judgeRounds(rounds, level).kind === 'shown') named += 1;
    }
    // The level is of a change of exactly 5%; one of nothing is named less often.
    expect(named / 3_000).toBeLessThanOrEqual(level);
  });
});

describe('the plan of an experiment', () => {
  it('is ten rounds of blocks of 300 ms in 15 s', () => {
    expect(planExperiment(15_000, 60, 20, level)).toEqual({ rounds: 10, blockMs: 300, level });
  });

  it('has longer blocks for slow answers, and is none where too few rounds fit for the level', () => {
    expect(planExperiment(60_000, 100, 1200, level)).toEqual({ rounds: 10, blockMs: 1200, level });
    // 45 s / (4 x 1.3 s) are 8 rounds: too few for a third of 1%, and enough for a half.
    expect(planExperiment(45_000, 100, 1200, level)).toBeNull();
    expect(planExperiment(45_000, 100, 1200, nameLevelOf(2))).toMatchObject({ rounds: 8 });
    // Seven rounds for all of 1%.
    expect(planExperiment(7 * 4 * 400, 100, 20, nameLevelOf(1))).toMatchObject({ rounds: 7 });
    expect(planExperiment(6 * 4 * 400, 100, 20, nameLevelOf(1))).toBeNull();
  });

  it('splits the error of a diagnosis over the planned experiments, three at most', () => {
    expect([0, 1, 2, 3, 4].map((count) => falseNameShare / nameLevelOf(count))).toEqual([1, 1, 2, 3, 3]);
  });

  it('puts each change twice into a round', () => {
    expect(orderOfRound(0.1)).toEqual([false, true, true, false]);
    expect(orderOfRound(0.9)).toEqual([true, false, false, true]);
  });
});
