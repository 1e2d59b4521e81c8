import { acceleratedLimits, bootstrap, normalLimits, percentileLimits } from '../../src/core/statistics/bootstrap.ts';
import { normalQuantile } from '../../src/core/statistics/normal.ts';
import { exactPairedPValue } from '../../src/core/statistics/paired-exact.ts';
import { tangoScore, waldPasses, type Discordance } from '../../src/core/statistics/paired-score.ts';
import { seededRandom, type Random } from '../../src/core/statistics/random.ts';
import { bindMetric } from '../../src/core/evaluation/bind-metric.ts';
import { isUndefined } from '../../src/core/evaluation/bound-metric.ts';
import { findMetric } from '../../src/core/evaluation/metric-name.ts';
import type { ClassificationOutcomes } from '../../src/core/evaluation/outcomes.ts';

/** Two versions on the same rows; `difference` is candidate less baseline, in truth. */
export interface PairedCell {
  readonly kind: 'paired';
  readonly rows: number;
  /** Share of rows on which one is right and the other wrong. */
  readonly discordance: number;
  readonly difference: number;
  readonly margin: number;
  readonly simulations: number;
  readonly seed: number;
}
/** Passes by method: how often each let the candidate through. */
export interface PairedCounts {
  readonly exact: number;
  readonly tango: number;
  readonly wald: number;
  readonly mcnemar: number;
}

const confidence = 0.95;
const z = normalQuantile(confidence);

export function simulatePaired(cell: PairedCell): PairedCounts {
  const random = seededRandom(cell.seed);
  const draw = binomialDrawer(cell.rows, cell.discordance);
  const ofFirst = (1 + cell.difference / cell.discordance) / 2;
  const critical = new Map<number, number>();
  const passes = { exact: 0, tango: 0, wald: 0, mcnemar: 0 };
  for (let run = 0; run < cell.simulations; run += 1) {
    const discordant = draw(random);
    let onlyFirst = 0;
    for (let row = 0; row < discordant; row += 1) if (random.nextShare() < ofFirst) onlyFirst += 1;
    const counts = { onlyFirst, onlySecond: discordant - onlyFirst, rows: cell.rows };
    const least = critical.get(discordant) ?? leastPassing(discordant, cell);
    critical.set(discordant, least);
    if (onlyFirst >= least) passes.exact += 1;
    if (tangoScore(counts, -cell.margin) >= z) passes.tango += 1;
    if (waldPasses(counts, cell.margin, z)) passes.wald += 1;
    // As it is used for a gate: no significant difference is taken for no difference.
    if (tangoScore(counts, 0) > -z) passes.mcnemar += 1;
  }
  return passes;
}

/**
 * Least count for the candidate that the exact test passes. With the number of discordant rows fixed the interval of the
 * nuisance is fixed too, and the p-value falls as the count rises; so the search begins where the score passes.
 */
function leastPassing(discordant: number, { rows, margin }: PairedCell): number {
  const table = (onlyFirst: number): Discordance => ({ onlyFirst, onlySecond: discordant - onlyFirst, rows });
  const passes = (onlyFirst: number): boolean => exactPairedPValue(table(onlyFirst), -margin) <= 1 - confidence;
  let count = 0;
  let above = discordant + 1;
  while (count < above) {
    const middle = (count + above) >> 1;
    if (tangoScore(table(middle), -margin) >= z) above = middle;
    else count = middle + 1;
  }
  while (count <= discordant && !passes(count)) count += 1;
  while (count > 0 && passes(count - 1)) count -= 1;
  return count;
}

/** By inversion of the cumulated masses, which a table holds. */
function binomialDrawer(trials: number, share: number): (random: Random) => number {
  const cumulated = new Float64Array(trials + 1);
  let lnMass = trials * Math.log1p(-share);
  let sum = 0;
  for (let count = 0; count <= trials; count += 1) {
    sum += Math.exp(lnMass);
    cumulated[count] = sum;
    lnMass += Math.log((trials - count) / (count + 1)) + Math.log(share / (1 - share));
  }
  return (random) => {
    const drawn = random.nextShare();
    let [low, high] = [0, trials];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulated[middle] as number) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

export interface BootstrapCell {
  readonly kind: 'bootstrap';
  readonly metric: string;
  readonly rows: number;
  /** How much worse the candidate is made, so that the two differ in truth. */
  readonly worse: number;
  readonly simulations: number;
  readonly replicates: number;
  readonly truth: number;
  readonly seed: number;
}
/** How often a one-sided 95% limit missed the true difference, on each side, by method. */
export interface BootstrapCounts {
  readonly judged: number;
  readonly lowerMissed: Readonly<Record<'accelerated' | 'percentile' | 'normal', number>>;
  readonly upperMissed: Readonly<Record<'accelerated' | 'percentile' | 'normal', number>>;
}

/** Two classes (30% positive); one latent margin per row that both versions see with noise of their own. */
export function makePair(rows: number, worse: number, random: Random): readonly ClassificationOutcomes[] {
  const labels = Int32Array.from({ length: rows }, () => (random.nextShare() < 0.3 ? 1 : 0));
  const shared = Float64Array.from(labels, (label) => 1.4 * (label - 0.4) + gaussian(random));
  return [worse, 0].map((extra) => {
    const noisy = shared.map((value) => value + (0.35 + extra) * gaussian(random));
    const scores = new Float64Array(2 * rows);
    noisy.forEach((value, row) => {
      const positive = 1 / (1 + Math.exp(-1.4 * value));
      scores.set([1 - positive, positive], 2 * row);
    });
    const predicted = Int32Array.from(noisy, (value) => (value > 0 ? 1 : 0));
    return { task: 'classification', classes: ['no', 'yes'], labels, predicted, scores };
  });
}

const gaussian = (random: Random): number => normalQuantile((Math.floor(random.nextShare() * 2 ** 50) + 0.5) / 2 ** 50);

export function differenceIn(metric: string, pair: readonly ClassificationOutcomes[]) {
  const [candidate, baseline] = pair.map((outcomes) => {
    const name = findMetric(metric);
    const bound = name === null ? null : bindMetric(name, outcomes);
    if (bound === null || isUndefined(bound)) throw new Error(`${metric} is not defined here`);
    return bound;
  });
  if (candidate === undefined || baseline === undefined) throw new Error('a pair is two');
  return (weights: Float64Array, wrong: number, right: number): number =>
    candidate.at(weights, wrong, right) - baseline.at(weights, right, wrong);
}

export function simulateBootstrap(cell: BootstrapCell): BootstrapCounts {
  const random = seededRandom(cell.seed);
  const lowerMissed = { accelerated: 0, percentile: 0, normal: 0 };
  const upperMissed = { accelerated: 0, percentile: 0, normal: 0 };
  for (let run = 0; run < cell.simulations; run += 1) {
    const of = differenceIn(cell.metric, makePair(cell.rows, cell.worse, random));
    const steps = bootstrap({
      rows: cell.rows,
      statistics: 1,
      evaluate: (weights, wrong, right, into) => {
        into[0] = of(weights, wrong, right);
      },
      random,
      replicates: cell.replicates,
    });
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    const [result] = step.value;
    if (result === undefined) continue;
    const methods = {
      accelerated: acceleratedLimits(result, confidence),
      percentile: percentileLimits(result, confidence),
      normal: normalLimits(result, confidence),
    };
    for (const method of ['accelerated', 'percentile', 'normal'] as const) {
      if (methods[method].lower > cell.truth) lowerMissed[method] += 1;
      if (methods[method].upper < cell.truth) upperMissed[method] += 1;
    }
  }
  return { judged: cell.simulations, lowerMissed, upperMissed };
}
