import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { bindMetric } from '../../../src/core/evaluation/metrics/bind-metric.ts';
import { isUndefined, valueOf } from '../../../src/core/evaluation/metrics/bound-metric.ts';
import { findMetric } from '../../../src/core/evaluation/metrics/metric-name.ts';
import { rowsOf, type Outcomes } from '../../../src/core/evaluation/outcomes.ts';
import * as binomial from '../../../src/core/statistics/distributions/binomial.ts';
import { acceleratedLimits, bootstrap } from '../../../src/core/statistics/limits/bootstrap.ts';
import { holm } from '../../../src/core/statistics/comparison/holm.ts';
import { normalCdf, normalQuantile } from '../../../src/core/statistics/distributions/normal.ts';
import { exactPairedPValue } from '../../../src/core/statistics/comparison/paired-exact.ts';
import { tangoScore } from '../../../src/core/statistics/comparison/paired-score.ts';
import { seededRandom } from '../../../src/core/statistics/random.ts';
import { findPeerLibraries } from '../../peers/peer-libraries.ts';

const libraries = findPeerLibraries();
if (libraries.kind === 'missing') {
  console.error(
    `statistics.test.ts is skipped: ${libraries.why}; next: node scripts/bootstrap.mjs test/peers/install/libraries.ts`,
  );
}

/** The program with the libraries of others, started once: to import them takes seconds. */
function startPeer(python: string) {
  const child = spawn(python, [path.join(import.meta.dirname, 'statistics/compute.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return { child, answers: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}
let peer: ReturnType<typeof startPeer> | null = null;
afterAll(() => {
  peer?.child.stdin.end();
});

async function theirs<T>(questions: readonly object[]): Promise<readonly T[]> {
  if (libraries.kind === 'missing') throw new Error(libraries.why);
  peer ??= startPeer(libraries.python);
  peer.child.stdin.write(`${JSON.stringify(questions)}\n`);
  const answer = await peer.answers.next();
  if (answer.done === true) throw new Error('compute.py ended without an answer');
  return JSON.parse(answer.value) as T[];
}

const random = seededRandom(20_261_124);
const below = (bound: number): number => random.nextBelow(bound);
const pick = <T>(...values: readonly T[]): T => values[below(values.length)] as T;
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

/** Equal to 1e-9 of the larger, or absolutely where both are small; tails of 1e-300 in relative terms are not compared. */
function expectNear(ours: number, other: number, what: string, tolerance = 1e-9): void {
  expect(Math.abs(ours - other), `${what}: ${ours} and ${other}`).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(other)),
  );
}

function metricOf(text: string, outcomes: Outcomes): number {
  const name = findMetric(text);
  const bound = name === null ? null : bindMetric(name, outcomes);
  if (bound === null || isUndefined(bound)) throw new Error(`${text}: ${bound?.undefinedBecause ?? 'no metric'}`);
  return valueOf(bound, rowsOf(outcomes));
}

describe.skipIf(libraries.kind === 'missing')('against scipy and statsmodels', () => {
  it('normal, beta and binomial functions agree to 1e-12, in relative terms too', async () => {
    const normals = times(
      300,
      () => [16 * random.nextShare() - 8, pick(random.nextShare(), 10 ** -(1 + below(12)))] as const,
    );
    const betas = times(
      300,
      () =>
        [
          random.nextShare(),
          pick(0.05, 0.95, 1e-6, random.nextShare()),
          1 + below(pick(5, 500, 20_000)),
          1 + below(pick(5, 500, 20_000)),
        ] as const,
    );
    const binomials = times(300, () => {
      const n = 1 + below(20_000);
      return [below(n + 1), n, random.nextShare()] as const;
    });
    const [normal, beta, ofBinomial] = await theirs<[number, number][]>([
      { kind: 'normal', cases: normals },
      { kind: 'beta', cases: betas },
      { kind: 'binomial', cases: binomials },
    ]);
    normals.forEach(([z, p], index) => {
      expectNear(normalCdf(z) / normal![index]![0], 1, `cdf ${z}`, 1e-12);
      expectNear(normalQuantile(p), normal![index]![1], `quantile ${p}`, 1e-12);
    });
    betas.forEach(([x, p, a, b], index) => {
      expectNear(binomial.betaCdf(x, a, b), beta![index]![0], `beta cdf ${x} ${a} ${b}`, 1e-12);
      expectNear(binomial.betaQuantile(p, a, b) / beta![index]![1], 1, `beta quantile ${p} ${a} ${b}`, 1e-10);
    });
    binomials.forEach(([k, n, p], index) => {
      expectNear(binomial.binomialCdf(k, n, p), ofBinomial![index]![0], `cdf ${k} ${n} ${p}`, 1e-11);
      expectNear(binomial.binomialTail(k, n, p), ofBinomial![index]![1], `tail ${k} ${n} ${p}`, 1e-11);
    });
  });

  it('limits of a share and Holm agree to 1e-9', async () => {
    const cases = times(200, () => {
      const n = 1 + below(pick(5, 300, 50_000));
      return [pick(0, n, below(n + 1)), n, pick(0.9, 0.95, 0.975, 0.99)] as const;
    });
    const pValues = times(50, () =>
      times(1 + below(20), () => pick(random.nextShare(), 0.01, random.nextShare() ** 4)),
    );
    const [intervals, adjusted] = (await theirs<unknown>([
      { kind: 'intervals', cases },
      { kind: 'holm', cases: pValues },
    ])) as [[number, number][][], number[][]];
    cases.forEach(([k, n, confidence], index) => {
      const both = [binomial.clopperPearson(k, n, confidence), binomial.wilson(k, n, confidence)];
      both.forEach(({ lower, upper }, method) => {
        expectNear(lower, intervals[index]![method]![0], `lower ${k} of ${n}`);
        expectNear(upper, intervals[index]![method]![1], `upper ${k} of ${n}`);
      });
    });
    pValues.forEach((values, index) => {
      holm(values).forEach((value, place) => expectNear(value, adjusted[index]![place]!, 'holm', 1e-12));
    });
  });

  it('Tango score agrees with a likelihood that is maximised numerically, and with McNemar at zero', async () => {
    const cases = times(200, () => {
      const n = 20 + below(pick(80, 2_000, 20_000));
      const discordant = 2 + below(Math.max(1, Math.floor(n / 4)));
      const b = 1 + below(discordant - 1);
      return [b, discordant - b, n, pick(-0.005, -0.01, -0.05, 0.02)] as const;
    }).filter(([b, c]) => b > 0 && c > 0);
    const [scores, mcnemar] = await theirs<number[]>([
      { kind: 'tango', cases },
      { kind: 'mcnemar', cases: cases.map(([b, c]) => [b, c]) },
    ]);
    expect(cases.length).toBeGreaterThan(100);
    cases.forEach(([onlyFirst, onlySecond, rows, difference], index) => {
      const counts = { onlyFirst, onlySecond, rows };
      expectNear(tangoScore(counts, difference), scores![index]!, `tango ${JSON.stringify(counts)} ${difference}`);
      expectNear(2 * normalCdf(-Math.abs(tangoScore(counts, 0))), mcnemar![index]!, 'mcnemar');
    });
  });

  it('the exact p-value is that of a sum over every table', async () => {
    const cases = [
      [0, 0, 60, -0.05],
      [1, 0, 60, -0.05],
      [3, 2, 60, -0.1],
      [2, 2, 90, -0.05],
      [5, 1, 40, 0],
      [9, 5, 44, -0.1],
      [4, 0, 30, 0.02],
    ] as const;
    const [values] = await theirs<number[]>([{ kind: 'exact', cases }]);
    cases.forEach(([onlyFirst, onlySecond, rows, difference], index) => {
      const ours = exactPairedPValue({ onlyFirst, onlySecond, rows }, difference);
      // Their grid of 400 points misses the top of the curve by a little, ours refines it.
      expectNear(ours, values![index]!, `${onlyFirst} ${onlySecond} ${rows} ${difference}`, 2e-5);
    });
  });

  it('the bootstrap agrees within its Monte-Carlo error', async () => {
    const values = Float64Array.from({ length: 300 }, () => -Math.log(1 - random.nextShare()));
    const [[low, high, error] = []] = await theirs<number[]>([{ kind: 'bootstrap', values: [...values] }]);
    const steps = bootstrap({
      rows: values.length,
      statistics: 1,
      evaluate: (weights, _wrong, _right, into) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        into[0] = weights.reduce((sum, weight, row) => sum + weight * values[row]!, 0) / total;
      },
      random,
      replicates: 9_999,
    });
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    const ours = acceleratedLimits(step.value[0]!, 0.95);
    // A 5% quantile of 9,999 samples has a standard error of 0.021 standard errors of the mean; four of them, for two.
    expect(Math.abs(ours.lower - low!)).toBeLessThan(0.12 * error!);
    expect(Math.abs(ours.upper - high!)).toBeLessThan(0.12 * error!);
    expect(step.value[0]!.standardError / error!).toBeCloseTo(1, 1);
  });
});

describe.skipIf(libraries.kind === 'missing')('against scikit-learn, to 1e-9', () => {
  it('classification metrics, with ties, rare classes and scores on the borders of bins', async () => {
    const cases = times(60, () => {
      const k = pick(2, 2, 3, 5, 10);
      const n = pick(2, 5, 30, 300) + k;
      const coarse = pick(true, false);
      const labels = times(n, () => below(k));
      labels[0] = 0;
      const scores = labels.map((label) => {
        const raw = times(k, () => (coarse ? 1 + below(4) : random.nextShare() + 1e-6));
        if (pick(true, false)) raw[label]! += coarse ? 2 : 1;
        const sum = raw.reduce((total, value) => total + value, 0);
        return pick(1, 1, 1, 1, 0) === 0
          ? raw.map((_, index) => (index === label ? 1 : 0))
          : raw.map((value) => value / sum);
      });
      const predicted = scores.map((row) => row.indexOf(Math.max(...row)));
      predicted[0] = 0;
      return { kind: 'classification', labels, predicted, scores };
    });
    const answers = await theirs<Record<string, number>>(cases);
    expect(answers.filter((answer) => 'roc-auc' in answer).length).toBeGreaterThan(20);
    cases.forEach(({ labels, predicted, scores }, index) => {
      const outcomes: Outcomes = {
        task: 'classification',
        classes: scores[0]!.map((_, each) => String(each)),
        labels: Int32Array.from(labels),
        predicted: Int32Array.from(predicted),
        scores: Float64Array.from(scores.flat()),
      };
      for (const [name, value] of Object.entries(answers[index]!)) expectNear(metricOf(name, outcomes), value, name);
    });
  });

  it('regression metrics', async () => {
    const cases = times(30, () => {
      const far = pick(0, 1e6);
      const labels = times(2 + below(100), () => far + 1 + 10 * random.nextShare());
      return { kind: 'regression', labels, predicted: labels.map((label) => label + random.nextShare() - 0.4) };
    });
    (await theirs<Record<string, number>>(cases)).forEach((answer, index) => {
      const predicted = Float64Array.from(cases[index]!.predicted);
      const labels = Float64Array.from(cases[index]!.labels);
      const outcomes: Outcomes = {
        task: 'regression',
        labels,
        predicted,
        quantiles: [{ level: 0.9, values: predicted }],
      };
      for (const [name, value] of Object.entries(answer)) expectNear(metricOf(name, outcomes), value, name);
    });
  });

  it('NDCG with ties, graded relevance and short lists', async () => {
    const cases = times(200, () => {
      const documents = 2 + below(20);
      const relevance = times(documents, () => pick(0, 0, 1, 2, 3));
      relevance[0] = 1;
      return [relevance, times(documents, () => pick(random.nextShare(), 0.5, 0.25)), 1 + below(documents)] as const;
    });
    const [values] = await theirs<number[]>([{ kind: 'ndcg', cases }]);
    cases.forEach(([relevance, scores, k], index) => {
      const queries = [{ relevance: Float64Array.from(relevance), scores: Float64Array.from(scores) }];
      expectNear(metricOf(`ndcg@${k}`, { task: 'ranking', queries }), values![index]!, `ndcg@${k}`);
    });
  });
});
