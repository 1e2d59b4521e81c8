import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import type { Round } from './effect.ts';
import { falseNameShare, nameLevel, orderOfRound, plannedRounds, planExperiment } from './experiment-plan.ts';
import { isSettled, judgeRounds } from './judge-experiment.ts';

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
    expect(judgeRounds(rounds).kind).toBe(kind);
  });

  it('ends early only where the cause cannot be named any more', () => {
    expect(isSettled(times(4, 1), plannedRounds)).toBe(false);
    expect(isSettled(times(5, 1), plannedRounds)).toBe(true);
    expect(isSettled(times(9, 2), plannedRounds)).toBe(false);
    // Rank 3 of ten rounds: three rounds below the line hold the lower limit below it.
    expect(isSettled([...times(3, 3), ...times(2, 0.9)], plannedRounds)).toBe(false);
    expect(isSettled([...times(3, 3), ...times(3, 0.9)], plannedRounds)).toBe(true);
  });

  it('names nothing where a change does nothing, whatever the noise', () => {
    const random = seededRandom(7);
    let named = 0;
    for (let run = 0; run < 3_000; run += 1) {
      const rounds = Array.from({ length: plannedRounds }, () => roundOf(Math.exp((random.nextShare() - 0.5) * 2)));
      if (judgeRounds(rounds).kind === 'shown') named += 1;
    }
    // The level is of a change of exactly 5%; one of nothing is named less often.
    expect(named / 3_000).toBeLessThanOrEqual(nameLevel);
  });
});

describe('the plan of an experiment', () => {
  it('is ten rounds of blocks of 300 ms in 15 s', () => {
    expect(planExperiment(15_000, 60, 20)).toEqual({ rounds: 10, blockMs: 300 });
  });

  it('has longer blocks for slow answers, and is none where nine rounds do not fit', () => {
    expect(planExperiment(60_000, 100, 400)).toEqual({ rounds: 10, blockMs: 1200 });
    // 45 s / (4 x 1.3 s) are 8 rounds.
    expect(planExperiment(45_000, 100, 400)).toBeNull();
  });

  it('splits the error of a diagnosis over three experiments', () => {
    expect(nameLevel * 3).toBeCloseTo(falseNameShare, 12);
  });

  it('puts each change twice into a round', () => {
    expect(orderOfRound(0.1)).toEqual([false, true, true, false]);
    expect(orderOfRound(0.9)).toEqual([true, false, false, true]);
  });
});
