import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../statistics/random.ts';
import { beginTrial, gainShareOf, tryBlock, type TriedBlock, type UnitTrial } from './unit-trial.ts';

const blocks = (count: number, each: (at: number) => Omit<TriedBlock, 'weight'>): TriedBlock[] =>
  Array.from({ length: count }, (_, at) => ({ weight: 20, ...each(at) }));
const tryAll = (list: readonly TriedBlock[], begun: UnitTrial = beginTrial): UnitTrial =>
  list.reduce((trial, block) => tryBlock(trial, block, 0.999), begun);

/** Errors that swing between 0.5 and 1.5 times what is given. */
const swing = (at: number, error: number): number => error * (0.5 + (at % 5) / 4) * (at % 2 === 0 ? 1 : -1);
const better = (at: number) => {
  const errors = { byNumber: swing(at, 0.2), byWork: swing(at + 1, 0.1) };
  return { ...errors, step: errors };
};
const worse = (at: number) => {
  const errors = { byNumber: swing(at, 0.1), byWork: swing(at + 1, 0.2) };
  return { ...errors, step: errors };
};

describe('the trial of units', () => {
  it('is won by a clear gain over thirty blocks, and not before', () => {
    expect(tryAll(blocks(29, better)).isWon).toBe(false);
    expect(tryAll(blocks(40, better)).isWon).toBe(true);
    // Errors of half the size: three quarters of the squares.
    expect(gainShareOf(tryAll(blocks(500, better)))).toBeCloseTo(0.75, 1);
  });

  it('is not won by less than a tenth', () => {
    const little = (at: number) => {
      const errors = { byNumber: swing(at, 0.2), byWork: swing(at, 0.195) };
      return { ...errors, step: errors };
    };
    expect(tryAll(blocks(1_000, little)).isWon).toBe(false);
  });

  it('is not won by what only drifts along and foretells no step', () => {
    const drifts = (at: number) => ({ ...better(at), step: { byNumber: swing(at, 0.1), byWork: swing(at + 1, 0.1) } });
    expect(tryAll(blocks(500, drifts)).isWon).toBe(false);
    expect(tryAll(blocks(500, (at) => ({ ...better(at), step: null }))).isWon).toBe(false);
  });

  it('is lost within some blocks once the work says the wrong thing, long before all of the past is outweighed', () => {
    const won = tryAll(blocks(400, better));
    const lost = Array.from({ length: 40 }, (_, at) => at).find((at) => !tryAll(blocks(at, worse), won).isWon);
    expect(lost).toBeGreaterThan(2);
    expect(lost).toBeLessThanOrEqual(30);
  });

  it('is won by noise in less than one of fifty services that are watched for a day', () => {
    const random = seededRandom(5);
    const normal = (): number => Array.from({ length: 12 }, () => random.nextShare()).reduce((a, b) => a + b, -6);
    let won = 0;
    for (let service = 0; service < 50; service += 1) {
      let [trial, before] = [beginTrial, 0];
      let everWon = false;
      for (let block = 0; block < 2_000; block += 1) {
        const error = 0.1 * normal();
        // What the work foretells is noise of a fifth of what there is to foretell.
        const noise = 0.02 * normal();
        const step = { byNumber: error - before, byWork: error - before + noise };
        trial = tryBlock(trial, { byNumber: error, byWork: error + noise, weight: 30, step }, 0.999);
        before = error;
        everWon ||= trial.isWon;
      }
      won += everWon ? 1 : 0;
    }
    expect(won).toBeLessThanOrEqual(1);
  });
});
