import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../statistics/distributions/normal.ts';
import { seededRandom } from '../../statistics/random.ts';
import { chooseSeriesBet, windowsOfBlock } from './choose-series-bet.ts';
import { fitSeriesBet, forecastOf, seriesStakes, stepSeriesBet, type SeriesBet } from './series-bets.ts';

/** An autoregressive series of first order with variance 1. */
function drawSeries(length: number, rho: number, seed: number): number[] {
  const random = seededRandom(seed);
  let value = normalQuantile(random.nextShare() || 0.5);
  return Array.from({ length }, () => {
    value = rho * value + Math.sqrt(1 - rho * rho) * normalQuantile(random.nextShare() || 0.5);
    return value;
  });
}

/** The windows at which the bet alone alarms, with capital for one alarm in `windows`. */
function alarmsOf(bet: SeriesBet, values: readonly number[], windows: number): number[] {
  let [present, capital, alarms]: [SeriesBet, readonly number[], number[]] = [bet, [], []];
  for (const [at, value] of values.entries()) {
    const step = stepSeriesBet(present, value);
    present = step.bet;
    capital = step.multipliers.map((factor, index) => ((capital[index] ?? 0) + 1 / windows / seriesStakes) * factor);
    if (capital.reduce((total, each) => total + each, 0) < 1) continue;
    alarms = [...alarms, at];
    capital = [];
  }
  return alarms;
}

describe('bets on a series of windows', () => {
  it('keep the promise on dependent series, and find a shift of the mean', () => {
    for (const rho of [0, 0.5, 0.9]) {
      const choice = chooseSeriesBet(drawSeries(1_500, rho, 21));
      if (choice.verdict === 'unknown') throw new Error(choice.reason);
      const future = drawSeries(4_000, rho, 22);
      expect(alarmsOf(choice.bet, future, 400).length).toBeLessThanOrEqual(10 + 2 * Math.sqrt(10));
      const shifted = future.map((value, at) => value + (at >= 100 ? 3 : 0));
      const first = alarmsOf(choice.bet, shifted, 4_000)[0] ?? Infinity;
      expect(first).toBeGreaterThanOrEqual(100);
      expect(first).toBeLessThan(rho === 0.9 ? 2_000 : 160);
    }
  });

  it('are unknown without enough windows, and say how many are missing', () => {
    expect(chooseSeriesBet(drawSeries(168, 0.9, 1))).toMatchObject({ verdict: 'unknown', moreWindows: 232 });
    const wandering = chooseSeriesBet(drawSeries(500, 0.999, 2));
    expect(wandering.verdict).toBe('unknown');
    expect(wandering.reason).toMatch(/^500 of \d+ windows are there$/);
  });

  it('do not count where the series leaves what it was fitted on', () => {
    const values = drawSeries(1_000, 0.5, 3).map((value, at) => value + (at > 700 ? 1.5 : 0));
    const choice = chooseSeriesBet(values);
    expect(choice.verdict).toBe('unknown');
    expect(choice.reason).toMatch(/^forecast: \d+ alarms in a replay that may raise 5/);
  });

  it('take blocks of five decorrelation times', () => {
    expect(windowsOfBlock(drawSeries(20_000, 0.9, 4))).toBeGreaterThan(38);
    expect(windowsOfBlock(drawSeries(20_000, 0.9, 4))).toBeLessThan(58);
    expect(windowsOfBlock([1, 1, 1])).toBe(1);
  });

  it('divide errors by their recent size where large ones come together, and by nothing where they do not', () => {
    const shocks = drawSeries(2_000, 0, 31);
    const logs = drawSeries(2_000, 0.98, 32);
    const volatile = fitSeriesBet(
      'forecast',
      shocks.map((shock, at) => Math.exp((logs[at] ?? 0) / 2) * shock),
      1,
    );
    expect(volatile.memory).toBeGreaterThan(0);
    const once = stepSeriesBet({ ...volatile, last: volatile.mean }, volatile.mean + 20).bet;
    expect(stepSeriesBet(once, volatile.mean - 20).bet.spread).toBeGreaterThan(1);
    expect(fitSeriesBet('forecast', shocks, 1).memory).toBe(0);
  });

  it('let one wrong reading move the next forecast by a bounded part', () => {
    const bet = fitSeriesBet('forecast', drawSeries(1_000, 0.9, 33), 1);
    const after = stepSeriesBet({ ...bet, last: bet.mean }, bet.mean + 1e6).bet;
    expect(Math.abs(forecastOf(after) - bet.mean)).toBeLessThan(10);
  });

  it('are unknown for long where most values are the same and the others come in spells', () => {
    const spells = drawSeries(1_500, 0.9, 34)
      .map((value) => Math.min(0.5, value) - 0.5)
      .map((value) => (value > -1 ? 0 : value));
    expect(chooseSeriesBet(spells)).toMatchObject({ verdict: 'unknown' });
  });

  it('bet once a block, and begin a block anew after a gap', () => {
    let bet = fitSeriesBet('blocks', drawSeries(400, 0, 5), 4);
    const scores = [1, 2, null, 3, 3, 3, 3].map((value) => {
      const step = stepSeriesBet(bet, value);
      bet = step.bet;
      return step.score;
    });
    // The history has 100 blocks, whose errors are 99.
    expect(scores).toEqual([null, null, null, null, null, null, 0.99]);
  });

  it('have multipliers with a mean of at most 1 for e-values on the edge of what counts as no change', () => {
    const choice = chooseSeriesBet(drawSeries(1_000, 0, 6));
    if (choice.verdict === 'unknown') throw new Error(choice.reason);
    const { bet } = choice;
    expect(bet.fair?.every((fair) => fair > 1)).toBe(true);
    const up = stepSeriesBet(bet, bet.mean + 1e3);
    const down = stepSeriesBet(bet, bet.mean - 1e3);
    for (const [index, fair] of (bet.fair ?? []).entries()) {
      const [high, low] = [up.evidence?.[index] ?? 0, down.evidence?.[index] ?? 0];
      const share = (fair - low) / (high - low);
      expect(share).toBeGreaterThan(0);
      expect(share * (up.multipliers[index] ?? 0) + (1 - share) * (down.multipliers[index] ?? 0)).toBeCloseTo(1, 12);
    }
  });

  it('bet with a mean of at most 1 over the errors of the history, and much on an error beyond all', () => {
    for (const rho of [0, 0.9]) {
      const values = drawSeries(1_000, rho, 9);
      let bet: SeriesBet = fitSeriesBet('forecast', values, 1);
      const judged = values.map((value) => {
        const step = stepSeriesBet(bet, value);
        bet = step.bet;
        return step.evidence ?? [];
      });
      const { evidence } = stepSeriesBet(bet, bet.mean + 1e6);
      for (let at = 0; at < seriesStakes; at += 1) {
        const sum = judged.reduce((total, each) => total + (each[at] ?? 0), 0);
        expect(sum / values.length).toBeLessThanOrEqual(1 + 1e-9);
        // A new error is as likely beyond all on either side as at any of the history.
        expect((sum + (evidence?.[at] ?? 0)) / values.length).toBeGreaterThan(0.9 - (at < seriesStakes / 2 ? 0 : 0.4));
      }
      const [above = 0, below = 0] = [evidence?.[seriesStakes / 2 - 1], evidence?.at(-1)];
      expect(above).toBeGreaterThan(300);
      expect(below).toBeLessThan(0.01);
    }
  });

  it('find a value that was never seen within three windows, and take long where it came in spells', () => {
    const never = chooseSeriesBet(Array.from({ length: 1_000 }, () => 0));
    if (never.verdict === 'unknown') throw new Error(never.reason);
    const seen = Array.from({ length: 60 }, (_, at) => (at < 20 ? 0 : 0.02));
    expect(alarmsOf(never.bet, seen, 2_000)[0]).toBeLessThan(23);
    expect(
      alarmsOf(
        never.bet,
        Array.from({ length: 8_000 }, (_, at) => (at % 1_000 === 999 ? 0.1 : 0)),
        2_000,
      ),
    ).toEqual([]);
    const spells = Array.from({ length: 1_000 }, (_, at) => (at % 100 < 5 ? 0.02 : 0));
    expect(chooseSeriesBet(spells).verdict).toBe('unknown');
  });

  it('keep the promise on shares of rare values, which are 0 in most windows', () => {
    for (const share of [0.000_2, 0.002, 0.02]) {
      const random = seededRandom(41);
      const draw = (): number =>
        Array.from({ length: 50 }, () => random.nextShare() < share).filter((isOne) => isOne).length / 50;
      const all = Array.from({ length: 12 }, () => {
        const choice = chooseSeriesBet(Array.from({ length: 1_000 }, draw));
        const values = Array.from({ length: 4_000 }, draw);
        return choice.verdict === 'unknown' ? 0 : alarmsOf(choice.bet, values, 1_000).length;
      });
      // 48 are promised.
      expect(all.reduce((sum, each) => sum + each, 0)).toBeLessThan(48);
    }
  });

  it('go on with a bet that an earlier version chose', () => {
    const { ranks: _ranks, fair: _fair, ...rest } = fitSeriesBet('forecast', drawSeries(1_000, 0, 42), 1);
    const old: SeriesBet = { ...rest, deadBand: 0.07, tails: { count: 999, deadBand: 0.4 } };
    const future = drawSeries(2_000, 0, 43);
    expect(alarmsOf(old, future, 400).length).toBeLessThanOrEqual(5);
    const first =
      alarmsOf(
        old,
        future.map((value, at) => value + (at >= 100 ? 2 : 0)),
        2_000,
      )[0] ?? Infinity;
    expect(first).toBeGreaterThanOrEqual(100);
    expect(first).toBeLessThan(130);
  });

  it('forecast a level that rows of a window hide in noise, from more than the last window', () => {
    const level = drawSeries(2_000, 0.95, 10);
    const noise = drawSeries(2_000, 0, 11);
    const bet = fitSeriesBet(
      'forecast',
      level.map((value, at) => value + (noise[at] ?? 0)),
      1,
    );
    expect(bet.correlation).toBeGreaterThan(0.9);
    expect(bet.smoothing).toBeGreaterThan(0.4);
    expect(fitSeriesBet('forecast', drawSeries(2_000, 0.9, 12), 1).smoothing).toBeLessThan(0.2);
  });

  it('stay positive and finite for any values, a constant history too', () => {
    const value = fc.oneof(fc.double(), fc.constant(null), fc.constant(1));
    for (const bet of [
      fitSeriesBet('forecast', [1, 1, 1, 1], 1),
      fitSeriesBet('forecast', drawSeries(50, 0.9, 7), 1),
    ]) {
      fc.assert(
        fc.property(fc.array(value, { maxLength: 20 }), (values) => {
          let present = bet;
          for (const each of values) {
            const step = stepSeriesBet(JSON.parse(JSON.stringify(present)), each);
            expect(step).toEqual(stepSeriesBet(present, each));
            expect(step.multipliers.every((factor) => factor > 0 && Number.isFinite(factor))).toBe(true);
            present = step.bet;
          }
        }),
        { numRuns: 100, seed: 8 },
      );
    }
  });
});
