import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeHorizon } from '../../../testing/builders/capacity-builders.ts';
import { sustainedInterval } from '../../evidence/kinds/capacity/sustained-interval.ts';
import { descend, lowerCandidates, upperCandidates } from './candidates.ts';
import { horizonsLeft } from './horizons-left.ts';
import { addHorizon, nextHorizon, type HorizonsRun, type HorizonTerms } from './next-horizon.ts';

const objective = { p99: 50 };
const terms: HorizonTerms = { objective, underWayAtMost: 0, horizons: 14 };
const none: HorizonsRun = { located: [], lower: [], upper: [] };
const [inside, outside] = [makeHorizon(40), makeHorizon(60)];

/** Every horizon against a replica that is inside up to a rate. */
function runAll(truth: number, searched = { heldPerSecond: 100, failedPerSecond: 105 }, of = terms) {
  let run = none;
  const rates: number[] = [];
  for (let next = nextHorizon(of, searched, run); next !== null; next = nextHorizon(of, searched, run)) {
    rates.push(next.perSecond);
    expect(horizonsLeft(next, 14)).toBeGreaterThan(0);
    run = addHorizon(of, run, next, next.perSecond <= truth ? inside : outside);
  }
  return { run, rates, interval: sustainedInterval(run, objective, 0) };
}

describe('the horizons after a search', () => {
  it('locate a rate by four, show it by fourteen, and show another not to hold by two', () => {
    const { rates, interval } = runAll(97);
    expect(rates).toEqual([
      ...Array.from({ length: 4 }, () => 95),
      ...Array.from({ length: 14 }, () => 0.97 * 95),
      1.05 * 105,
      1.05 * 105,
    ]);
    expect([interval.lower?.perSecond, interval.upper?.perSecond]).toEqual([0.97 * 95, 1.05 * 105]);
    expect(horizonsLeft(null, 14)).toBe(0);
  });

  it('descend by 6% after each horizon outside', () => {
    expect(runAll(85).rates.slice(0, 4)).toEqual([95, 0.94 * 95, 0.94 * 0.94 * 95, 0.94 * 0.94 * 95]);
  });

  it('give up after eight rates, and still look for the upper limit', () => {
    const { run, interval } = runAll(0);
    expect([run.located.length, run.lower, interval.lower]).toEqual([8, [], null]);
    // The last rate is 95 less 6% three times, 10% twice, 15% and 25%: 40.74.
    expect(interval.upper?.perSecond).toBeCloseTo(1.05 * 40.742, 2);
  });

  it('leave a candidate at its first horizon outside, and ask more of the next one', () => {
    let run: HorizonsRun = { ...none, located: Array.from({ length: 4 }, () => ({ perSecond: 95, isInside: true })) };
    const searched = { heldPerSecond: 100, failedPerSecond: 105 };
    const first = nextHorizon(terms, searched, run);
    if (first?.kind !== 'lower') throw new Error('the lower limit comes next');
    run = addHorizon(terms, run, first, outside);
    expect(nextHorizon(terms, searched, run)).toMatchObject({ kind: 'lower', perSecond: 0.88 * 95, left: 27 });
  });

  it('are none where the search found no rate', () => {
    expect(nextHorizon(terms, { heldPerSecond: null, failedPerSecond: null }, none)).toBeNull();
  });

  it('end, with a lower limit that is true and an upper one above it, whatever the truth is', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 200, noNaN: true }), fc.integer({ min: 14, max: 60 }), (truth, horizons) => {
        const { interval } = runAll(truth, { heldPerSecond: 100, failedPerSecond: 105 }, { ...terms, horizons });
        if (interval.lower !== null) expect(interval.lower.perSecond).toBeLessThanOrEqual(truth);
        if (interval.upper !== null) expect(interval.upper.perSecond).toBeGreaterThan(truth);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the candidates', () => {
  it('split 5%, and plan the fewest horizons that can show 80% with their part', () => {
    const lower = lowerCandidates(100);
    expect(lower.map(({ planned }) => planned)).toEqual([14, 27, 27, 31]);
    for (const { alphaShare, planned, wrongAtMost } of lower) {
      expect(wrongAtMost).toBe(0);
      expect(0.8 ** planned).toBeLessThanOrEqual(alphaShare);
      expect(0.8 ** (planned - 1)).toBeGreaterThan(alphaShare);
    }
    for (const candidates of [lower, upperCandidates(100)]) {
      expect(candidates.reduce((sum, { alphaShare }) => sum + alphaShare, 0)).toBeLessThanOrEqual(0.05 + 1e-12);
    }
    for (const { alphaShare, planned } of upperCandidates(100)) expect(0.2 ** planned).toBeLessThanOrEqual(alphaShare);
  });

  it('of more horizons may have some outside, by the exact binomial tail', () => {
    const [first] = lowerCandidates(100, 30);
    // P(at least 28 of 30 at 80%) = 4.42%, above 4.4%; P(at least 29 of 30) = 1.05%.
    expect(first).toMatchObject({ planned: 30, wrongAtMost: 1 });
  });

  it('never find a rate of a descent with a horizon outside among its last four', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 12 }), (outcomes) => {
        const found = descend(
          100,
          outcomes.map((isInside) => ({ perSecond: 1, isInside })),
        );
        if (found.kind === 'found') expect(outcomes.slice(-4)).toEqual([true, true, true, true]);
      }),
    );
  });
});
