import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import type { LabelPlan } from '../labels/label-plan.ts';
import type { Truth } from '../labels/row-loss.ts';
import { isAskOf, isBetting, planDigestOf, type Ask } from './ask.ts';
import { askedLimits, noAsked, takeAsk } from './asked-state.ts';
import { centreAtMost, chooseAsked, drawSlack, rangeAbove, type AskCandidate, type Draw } from './choose-asked.ts';

const plan = (limit: number | null = 0.1): LabelPlan => ({
  ...{ releases: [1], withinMs: 1_000, cohortMs: 100, unknown: [] },
  metrics: [{ metric: 'accuracy', worst: 1, evaluated: null, limit, noLimitBecause: null }],
});
const askOf = (draw: Draw, more: Partial<Ask> = {}): Ask => ({
  ...{ askId: 'a', askedAtMs: 0, toSeq: 1, by: 'ada', bets: true, lastBettingMs: null, releases: [1] },
  planDigest: planDigestOf(plan()),
  ...draw,
  ...more,
});

/** Requests whose answers are wrong as often as their score says, or at a constant rate whatever it says. */
function world(rows: number, seed: number, wrongShare: (doubt: number) => number) {
  const random = seededRandom(seed);
  const candidates: AskCandidate[] = [];
  const truths = new Map<string, Truth>();
  let wrong = 0;
  for (let seq = 1; seq <= rows; seq += 1) {
    const doubt = random.nextShare() ** 3;
    const isWrong = random.nextShare() < wrongShare(doubt);
    wrong += Number(isWrong);
    candidates.push({ requestId: `r${seq}`, atMs: seq, seq, prediction: 'cat', confidence: 1 - doubt });
    truths.set(`r${seq}`, { label: isWrong ? 'dog' : 'cat' });
  }
  return { candidates, truths, risk: wrong / rows };
}

describe('a choice of requests', () => {
  it('draws each with its recorded propensity, never below its uniform part', () => {
    const { candidates } = world(40, 1, () => 0);
    const random = seededRandom(2);
    const counts = new Map<string, number>();
    const propensities = new Map<string, number>();
    // Six standard errors of a propensity are 0.04 at most; with this seed none is more than 0.02 away.
    const runs = 5_000;
    for (let run = 0; run < runs; run += 1) {
      for (const { requestId, propensityShare } of chooseAsked(candidates, 12, () => random.nextShare()).chosen) {
        counts.set(requestId, (counts.get(requestId) ?? 0) + 1);
        propensities.set(requestId, propensityShare);
      }
    }
    for (const [id, share] of propensities) {
      expect(Math.abs((counts.get(id) ?? 0) / runs - share)).toBeLessThan(0.02);
      expect(share).toBeGreaterThanOrEqual((0.75 * 12) / 40 - 1e-9);
    }
    expect(propensities.size).toBe(40);
  });

  it('takes all where there are no more, and takes none twice then', () => {
    const { candidates } = world(7, 3, () => 0);
    const { chosen, rows } = chooseAsked(candidates, 50, () => 0.999);
    expect([rows, chosen.length, new Set(chosen.map(({ requestId }) => requestId)).size]).toEqual([7, 7, 7]);
    expect(chosen.every(({ propensityShare }) => propensityShare === 1)).toBe(true);
    expect(chooseAsked([], 5, () => 0).chosen).toEqual([]);
  });

  it('is more likely where the model is unsure, and goes without scores that are no shares', () => {
    const { candidates } = world(2_000, 4, () => 0);
    const { chosen, activeShare } = chooseAsked(candidates, 400, seededRandom(5).nextShare);
    expect(activeShare).toBe(0.25);
    const unsure = chosen.filter(({ expectedLoss }) => expectedLoss > 0.3 && expectedLoss < 0.7);
    const sure = chosen.filter(({ expectedLoss }) => expectedLoss < 0.01);
    expect(unsure[0]?.propensityShare).toBeGreaterThan(1.3 * (sure[0]?.propensityShare ?? 1));
    const odd = candidates.map((each, at) => ({ ...each, confidence: [NaN, Infinity, -1, null][at % 4] ?? null }));
    const plain = chooseAsked(odd, 30, seededRandom(6).nextShare);
    expect(plain.chosen).toHaveLength(30);
    expect(
      plain.chosen.every(({ expectedLoss, propensityShare }) => expectedLoss === 0 && propensityShare === 0.015),
    ).toBe(true);
  });

  it('never leads an estimate further than what bets and limits rest on, whatever the labels are', () => {
    const random = seededRandom(7);
    for (let run = 0; run < 300; run += 1) {
      const { candidates } = world(5 + random.nextBelow(400), 100 + run, () => 0);
      const { chosen, rows } = chooseAsked(candidates, 1 + random.nextBelow(60), () => random.nextShare());
      for (const trust of [0, 0.4, 1]) {
        const terms = chosen.map(({ propensityShare, expectedLoss, drawnExpectation }) => {
          const weight = chosen.length / rows / propensityShare;
          const at = (y: number): number => trust * drawnExpectation + weight * (y - trust * expectedLoss);
          return { low: at(0), high: at(1) };
        });
        const mean = terms.reduce((sum, { low }) => sum + low, 0) / terms.length;
        expect(mean).toBeGreaterThanOrEqual(-drawSlack - 1e-9);
        expect(Math.min(...terms.map(({ low }) => low))).toBeGreaterThanOrEqual(-(0.2 + 1e-9));
        expect(Math.max(...terms.map(({ high }) => high))).toBeLessThanOrEqual(rangeAbove + 1e-9);
      }
    }
    expect(centreAtMost).toBeLessThan(1);
  });
});

describe('limits by labels that were asked for', () => {
  const runs = 60;
  const asks = 25;
  type Wrong = (doubt: number) => number;
  const drawWorlds = (wrongShare: Wrong) =>
    Array.from({ length: runs }, (_, run) => {
      const random = seededRandom(900 + run);
      return Array.from({ length: asks }, (__, at) => {
        // The risk moves from ask to ask, and a bad hour is bad for all of its requests.
        const bad = random.nextShare() < 0.2 ? 0.2 : 0;
        return world(150, 1_000 * run + at + 1, (doubt) => Math.min(1, wrongShare(doubt) + bad));
      });
    });
  const widthOf = (confident: boolean, worlds: ReturnType<typeof drawWorlds>) => {
    let held = 0;
    let width = 0;
    for (const [run, moments] of worlds.entries()) {
      const random = seededRandom(7_900 + run);
      let state = noAsked(plan());
      let risks = 0;
      let holds = true;
      for (const [index, { candidates, truths, risk }] of moments.entries()) {
        const at = index + 1;
        risks += risk;
        const rows = confident ? candidates : candidates.map((each) => ({ ...each, confidence: null }));
        state = takeAsk(state, plan(), askOf(chooseAsked(rows, 20, () => random.nextShare())), truths, at);
        const { low, high } = askedLimits(state.metrics[0]!, 1, 0.025);
        holds &&= low <= risks / at && high >= risks / at;
        width += at === asks ? (high - low) / runs : 0;
      }
      held += Number(holds);
    }
    return { held, runs, width };
  };

  it('hold the mean risk so far at every moment, also where it moves; good scores make them narrower', () => {
    const worlds = drawWorlds((doubt) => doubt);
    const alone = widthOf(false, worlds);
    const scored = widthOf(true, worlds);
    expect(alone.held).toBeGreaterThanOrEqual(0.95 * alone.runs);
    expect(scored.held).toBeGreaterThanOrEqual(0.95 * scored.runs);
    expect(scored.width).toBeLessThan(0.95 * alone.width);
  });

  it('hold too where the scores are wrong, as after a concept drift', () => {
    const wrong = widthOf(
      true,
      drawWorlds((doubt) => (1 - doubt) / 2),
    );
    expect(wrong.held).toBeGreaterThanOrEqual(0.95 * wrong.runs);
  });

  it('hold both ends where labels never come', () => {
    const { candidates, truths, risk } = world(100, 5, () => 0.3);
    for (const id of [...truths.keys()].slice(0, 50)) truths.delete(id);
    const state = takeAsk(noAsked(plan()), plan(), askOf(chooseAsked(candidates, 100, () => 0.5)), truths, 1);
    const [metric] = state.metrics;
    expect(state).toMatchObject({ chosen: 100, labelled: 50 });
    expect((metric?.low.sum ?? 1) / 100).toBeLessThan(risk);
    expect((metric?.high.sum ?? 0) / 100).toBeGreaterThan(risk + 0.3);
  });

  it('bet on the alarm with a mean of at most 1 where the risk is at the limit', () => {
    const random = seededRandom(11);
    const means = [0, 0, 0, 0];
    const runs = 1_500;
    for (let run = 0; run < runs; run += 1) {
      const { candidates, truths } = world(80, 5_000 + run, () => 0.1);
      const draw = chooseAsked(candidates, 15, () => random.nextShare());
      const state = takeAsk(noAsked(plan(0.1)), plan(0.1), askOf(draw), truths, 1);
      state.metrics[0]?.bets?.forEach((bet, at) => (means[at] = (means[at] ?? 0) + bet / runs));
    }
    for (const mean of means) expect(mean).toBeLessThan(1.03);
    const quiet = takeAsk(
      noAsked(plan()),
      plan(),
      askOf(
        chooseAsked([], 1, () => 0),
        { bets: false },
      ),
      new Map(),
      1,
    );
    expect(quiet.metrics[0]?.bets).toBeNull();
  });
});

describe('an ask', () => {
  it('bets once in a cohort, and says nothing about another plan', () => {
    expect([isBetting(null, plan(), 5), isBetting(0, plan(), 99), isBetting(0, plan(), 100)]).toEqual([
      true,
      false,
      true,
    ]);
    const ask = askOf(chooseAsked([], 1, () => 0));
    expect(isAskOf(ask, plan())).toBe(true);
    expect(isAskOf(ask, { ...plan(), releases: [1, 2] })).toBe(true);
    expect(isAskOf(ask, { ...plan(), releases: [2] })).toBe(false);
    expect(isAskOf(ask, plan(0.2))).toBe(false);
  });
});
