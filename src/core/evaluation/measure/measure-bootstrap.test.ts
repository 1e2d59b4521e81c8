import { describe, expect, it } from 'vitest';
import { digest } from '../../../testing/builders/evidence-builders.ts';
import type { Gate } from '../../contract/contract.ts';
import { linearValue } from '../../statistics/limits/linear-statistic.ts';
import { seededRandom } from '../../statistics/random.ts';
import { bindMetric, bindRowMetric } from '../metrics/bind-metric.ts';
import {
  isUndefined,
  type BootstrappedMetric,
  type BoundMetric,
  type UndefinedMetric,
} from '../metrics/bound-metric.ts';
import { bootstrapScope, type Spread } from './measure-bootstrap.ts';
import { measure } from './measure.ts';
import { findMetric } from '../metrics/metric-name.ts';
import type { ClassificationOutcomes, Outcomes, RegressionOutcomes } from '../outcomes.ts';

const classes = ['no', 'perhaps', 'yes'];

/** Three classes; both versions see the same signal, with noise of their own. */
function versions(rows: number, seed: number, noises: readonly number[]): readonly ClassificationOutcomes[] {
  const random = seededRandom(seed);
  const labels = Int32Array.from({ length: rows }, () => Math.min(random.nextBelow(5), 2));
  const signals = Float64Array.from({ length: 3 * rows }, () => random.nextShare());
  return noises.map((noise) => {
    const scores = new Float64Array(3 * rows);
    const predicted = labels.map((label, row) => {
      const raw = classes.map((_, each) =>
        Math.exp(2 * (signals[3 * row + each] as number) + (label === each ? 1.2 : 0) + noise * random.nextShare()),
      );
      const total = raw.reduce((sum, value) => sum + value, 0);
      scores.set(
        raw.map((value) => value / total),
        3 * row,
      );
      return raw.indexOf(Math.max(...raw));
    });
    return { task: 'classification', classes, labels, predicted, scores };
  });
}

function numbers(rows: number): readonly RegressionOutcomes[] {
  const random = seededRandom(9);
  const labels = Float64Array.from({ length: rows }, () => 10 + 5 * random.nextShare());
  return [1, 1.1].map((noise) => ({
    task: 'regression',
    labels,
    predicted: labels.map((label) => label + noise * (random.nextShare() + random.nextShare() - 1)),
    quantiles: [],
  }));
}

const defined = (bound: BoundMetric | UndefinedMetric): BoundMetric => {
  if (isUndefined(bound)) throw new Error(bound.undefinedBecause);
  return bound;
};

function pairOf(metric: string, outcomes: readonly Outcomes[]): BootstrappedMetric {
  const [candidate, ...baselines] = outcomes.map((one) => {
    const name = findMetric(metric);
    if (name === null) throw new Error(metric);
    return defined(bindMetric(name, one));
  });
  if (candidate === undefined) throw new Error('no version');
  return { candidate, baselines };
}

function spreadsOf(metrics: readonly BootstrappedMetric[], rows: number, seed = 1, replicates = 4_000) {
  const question = { rows, metrics, confidences: [0.95, 0.99], random: seededRandom(seed), replicates };
  const steps = bootstrapScope(question);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** The same metric, of which only its value for some weights is known: rows are resampled. */
const opaque = ({ candidate, baselines }: BootstrappedMetric): BootstrappedMetric => {
  const bare = ({ rows, at, folded }: BoundMetric): BoundMetric => ({
    rows,
    at,
    ...(folded === undefined ? {} : { folded }),
  });
  return { candidate: bare(candidate), baselines: baselines.map(bare) };
};

/** In standard errors. The error of a quantile of 4,000 samples is 0.03 of them at 95%, 0.06 at 99%, and BCa's is greater. */
function expectSameLimits(quick: Spread | undefined, slow: Spread | undefined, what: string, slack = 1): void {
  const error = slow?.standardError ?? NaN;
  expect((quick?.standardError ?? NaN) / error, what).toBeGreaterThan(0.92);
  expect((quick?.standardError ?? NaN) / error, what).toBeLessThan(1.08);
  for (const [confidence, most] of [
    ['0.95', 0.2],
    ['0.99', 0.35],
  ] as const) {
    for (const side of ['lower', 'upper'] as const) {
      const [ours, theirs] = [quick?.limits?.[confidence]?.[side] ?? NaN, slow?.limits?.[confidence]?.[side] ?? NaN];
      expect(Math.abs(ours - theirs) / error, `${what}, ${side} at ${confidence}: ${ours} and ${theirs}`).toBeLessThan(
        slack * most,
      );
    }
  }
}

describe('limits without resampling rows are those of resampled rows', () => {
  const cases: readonly (readonly [string, readonly string[], readonly Outcomes[], number])[] = [
    [
      'counts of few rows',
      ['f1-macro', 'balanced-accuracy', 'f1[yes]', 'precision[no]'],
      versions(150, 3, [1, 1.5]),
      150,
    ],
    ['counts', ['f1-macro', 'balanced-accuracy', 'f1[yes]', 'precision[no]'], versions(400, 4, [1, 1.5]), 400],
    ['means and areas', ['log-loss', 'brier', 'roc-auc'], versions(2_000, 5, [1, 1.5]), 2_000],
    ['regression', ['mae', 'rmse', 'r2', 'mape'], numbers(2_000), 2_000],
  ];
  it.each(cases)('%s', (_, names, outcomes, rows) => {
    const metrics = names.map((name) => pairOf(name, outcomes));
    const quick = spreadsOf(metrics, rows);
    const slow = spreadsOf(metrics.map(opaque), rows, 2);
    names.forEach((name, index) => {
      expectSameLimits(quick[index]?.[0], slow[index]?.[0], name);
      expectSameLimits(quick[index]?.[1], slow[index]?.[1], `${name}, difference`);
    });
  });

  it('a mean of values so skewed that a few rows make it is resampled', () => {
    const random = seededRandom(3);
    const values = Float64Array.from({ length: 2_000 }, () =>
      random.nextBelow(300) === 0 ? 100 * random.nextShare() : 0,
    );
    const metrics = [{ candidate: defined(bindRowMetric(values)), baselines: [] }];
    expectSameLimits(spreadsOf(metrics, 2_000)[0]?.[0], spreadsOf(metrics.map(opaque), 2_000, 2)[0]?.[0], 'skewed');
  });

  it('models without an error, or that never differ, have the spread of the made-up rows', () => {
    const [one] = versions(2_000, 6, [0.1]);
    if (one === undefined) throw new Error('no version');
    const scores = new Float64Array(one.labels.length * 3);
    one.labels.forEach((label, row) => {
      scores[3 * row + label] = 1;
    });
    const right = { ...one, predicted: one.labels, scores };
    for (const name of ['f1-macro', 'roc-auc', 'brier']) {
      const metric = pairOf(name, [right, right]);
      const [quick] = spreadsOf([metric], 2_000);
      const [slow] = spreadsOf([opaque(metric)], 2_000, 2);
      // What a sample shows is how often it drew two made-up rows: a quantile jumps from one number to the next.
      expectSameLimits(quick?.[0], slow?.[0], name, 6);
      expectSameLimits(quick?.[1], slow?.[1], `${name}, difference`, 6);
    }
  });
});

describe('the influence of rows', () => {
  const area = pairOf('roc-auc', versions(800, 7, [1])).candidate;
  const regression = numbers(800).slice(0, 1);
  it.each([
    ['roc-auc', area],
    ['rmse', pairOf('rmse', regression).candidate],
    ['r2', pairOf('r2', regression).candidate],
    ['mae', pairOf('mae', regression).candidate],
  ])('of %s is its derivative by their weights', (_, metric) => {
    const linear = metric.linear?.();
    if (linear === undefined) throw new Error('not linear');
    expect(linear.rows.reduce((sum, value) => sum + value, linear.wrong + linear.right)).toBeCloseTo(0, 6);
    const weights = new Float64Array(800).fill(1);
    const step = 1e-3;
    for (const row of [0, 57, 799]) {
      weights[row] = 1 + step;
      const above = metric.at(weights, 1, 1);
      weights[row] = 1 - step;
      const below = metric.at(weights, 1, 1);
      weights[row] = 1;
      expect(((above - below) / (2 * step)) * 802).toBeCloseTo(linear.rows[row] as number, 4);
    }
    expect(linearValue(linear, weights, 1, 1)).toBeCloseTo(metric.at(weights, 1, 1), 9);
  });
  it('of a nearly perfect area counts the made-up rows', () => {
    const labels = Int32Array.from({ length: 400 }, (_, row) => row % 2);
    const scores = Float64Array.from({ length: 800 }, (_, place) => {
      const label = (place >> 1) % 2;
      const positive = place < 4 ? 0.5 : 0.1 + 0.8 * label;
      return place % 2 === 1 ? positive : 1 - positive;
    });
    const outcomes: Outcomes = { task: 'classification', classes: ['a', 'b'], labels, predicted: labels, scores };
    const metric = pairOf('roc-auc', [outcomes]).candidate;
    const linear = metric.linear?.();
    const weights = new Float64Array(400).fill(1);
    const slope = (wrong: number, right: number): number =>
      ((metric.at(weights, 1 + wrong, 1 + right) - metric.at(weights, 1 - wrong, 1 - right)) / 2e-3) * 402;
    expect(slope(1e-3, 0)).toBeCloseTo(linear?.wrong ?? NaN, 3);
    expect(slope(0, 1e-3)).toBeCloseTo(linear?.right ?? NaN, 3);
    expect(linear?.wrong).toBeLessThan(-0.5);
  });
});

it('the same seed gives the same limits', () => {
  const metrics = ['f1-macro', 'roc-auc', 'log-loss', 'ece'].map((name) => pairOf(name, versions(300, 8, [1, 1.2])));
  expect(spreadsOf(metrics, 300, 5, 300)).toEqual(spreadsOf(metrics, 300, 5, 300));
  expect(spreadsOf(metrics, 300, 5, 300)).not.toEqual(spreadsOf(metrics, 300, 6, 300));
});

describe('a whole measurement', () => {
  const digests = { digest: digest('v1'), predictions: digest('p1') };
  const baseline = { named: 'released', model: 'digits', version: 1, ...digests };
  function measured(outcomes: Outcomes, other: Outcomes, gates: readonly Gate[] = []) {
    const random = seededRandom(1);
    const baselines = [{ baseline, outcomes: other }];
    const steps = measure({ outcomes, baselines, gates, slices: [], random, replicates: 300 });
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    return step.value;
  }

  it('has no limits that exclude their own estimate, and no calibration error below 0', () => {
    const [good, bad] = versions(60, 9, [0.2, 2]);
    if (good === undefined || bad === undefined) throw new Error('no version');
    for (const [ours, theirs] of [
      [good, bad],
      [{ ...good, predicted: good.labels }, bad],
      [good, good],
    ] as const) {
      const { metrics, comparisons } = measured(ours, theirs);
      for (const { metric, value, limits } of metrics) {
        if (limits === undefined) continue;
        expect(limits['0.95']?.lower, metric).toBeLessThanOrEqual(value ?? NaN);
        expect(limits['0.95']?.upper, metric).toBeGreaterThanOrEqual(value ?? NaN);
      }
      expect(metrics.find(({ metric }) => metric === 'ece')?.limits?.['0.95']?.lower).toBeGreaterThanOrEqual(0);
      for (const { metric, candidate, baselineValue, limits } of comparisons) {
        if (limits === undefined) continue;
        const difference = (candidate ?? NaN) - (baselineValue ?? NaN);
        expect(limits['0.95']?.lower, metric).toBeLessThanOrEqual(difference);
        expect(limits['0.95']?.upper, metric).toBeGreaterThanOrEqual(difference);
      }
    }
  });

  it('counts a recall of one document as a share where both versions have one, and else takes both for means', () => {
    const ranked = (scores: readonly number[]): Outcomes => ({
      task: 'ranking',
      queries: Array.from({ length: 30 }, () => ({
        relevance: Float64Array.of(1, 0),
        scores: Float64Array.from(scores),
      })),
    });
    const gates = [{ metric: 'recall@1', confidenceShare: 0.95, atLeast: 0.5 }];
    const shares = measured(ranked([2, 1]), ranked([1, 2]), gates);
    expect(shares.metrics.find(({ metric }) => metric === 'recall@1')?.proportion).toEqual({ successes: 30, rows: 30 });
    expect(shares.comparisons.find(({ metric }) => metric === 'recall@1')?.paired).toMatchObject({ onlyCandidate: 30 });
    const mixed = measured(ranked([2, 1]), ranked([1, 1]), gates);
    expect(mixed.metrics.find(({ metric }) => metric === 'recall@1')).not.toHaveProperty('proportion');
    expect(mixed.comparisons.find(({ metric }) => metric === 'recall@1')).toHaveProperty('limits');
  });
});
