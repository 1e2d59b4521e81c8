import type { LinearStatistic } from '../../statistics/limits/linear-statistic.ts';
import { fewestLinearRows, type BoundMetric, type UndefinedMetric, type Weights } from './bound-metric.ts';
import type { ScoredOutcomes } from './score-metrics.ts';

/** Area under the ROC curve: of the second class where there are two, else the mean of each class against the rest. */
export function rocAuc(outcomes: ScoredOutcomes): BoundMetric | UndefinedMetric {
  const { classes, labels } = outcomes;
  if (classes.length < 2) return { undefinedBecause: 'there is one class, and nothing to tell apart' };
  const missing = classes.findIndex((_, index) => !labels.includes(index));
  if (missing >= 0) return { undefinedBecause: `no row is labelled \`${classes[missing] ?? ''}\`` };
  const positives = classes.length === 2 ? [1] : classes.map((_, index) => index);
  const curves = positives.map((positive) => makeCurve(outcomes, positive));
  return {
    rows: labels.length,
    ...(curves.some(isThin) ? {} : { linear: () => linearArea(curves, labels.length) }),
    at(weights, wrong, right) {
      let sum = 0;
      for (const curve of curves) sum += areaUnder(curve, weights, wrong, right);
      return sum / curves.length;
    },
  };
}

const isThin = ({ order, positiveShare }: Curve): boolean =>
  Math.min(positiveShare, 1 - positiveShare) * order.length < fewestLinearRows;

/**
 * The mean of the curves, by rows. With W the pairs that are won, P positives and Q negatives, the area is W / (P Q); a
 * positive that is drawn once more adds to W the negatives below it and half of those at its score, and one to P
 * (the placements of DeLong, DeLong and Clarke-Pearson 1988).
 */
function linearArea(curves: readonly Curve[], rows: number): LinearStatistic {
  const influence = new Float64Array(rows);
  let [centre, wrong, right] = [0, 0, 0];
  for (const curve of curves) {
    const added = addInfluence(curve, influence, (rows + 2) / curves.length);
    centre += added.centre / curves.length;
    wrong += added.wrong;
    right += added.right;
  }
  return { centre, rows: influence, wrong, right };
}

function addInfluence(curve: Curve, influence: Float64Array, scale: number) {
  const { order, positive, runEnds, positiveShare: share, nearlyPerfect } = curve;
  const centre = areaUnder(curve, new Float64Array(order.length).fill(1), 1, 1);
  const positives = Math.round(share * order.length);
  const negatives = order.length - positives;
  // Weights of the made-up rows, at one each.
  const [madePositive, madeNegative] = nearlyPerfect ? [share, 1 - share] : [0, 0];
  const [allPositives, allNegatives] = [positives + 2 * madePositive, negatives + 2 * madeNegative];
  const of = (won: number, addedPositive: number, addedNegative: number): number =>
    scale *
    (won / (allPositives * allNegatives) - centre * (addedPositive / allPositives + addedNegative / allNegatives));
  let [passedPositives, passedNegatives] = [0, 0];
  let runStart = 0;
  let [runPositives, runNegatives] = [0, 0];
  for (let place = 0; place < order.length; place += 1) {
    if (positive[place] === 1) runPositives += 1;
    else runNegatives += 1;
    if (runEnds[place] === 0) continue;
    const ofPositive = of(passedNegatives + runNegatives / 2 + madeNegative, 1, 0);
    const ofNegative = of(positives - passedPositives - runPositives / 2 + madePositive, 0, 1);
    for (; runStart <= place; runStart += 1) {
      (influence[order[runStart] as number] as number) += positive[runStart] === 1 ? ofPositive : ofNegative;
    }
    passedPositives += runPositives;
    passedNegatives += runNegatives;
    [runPositives, runNegatives] = [0, 0];
  }
  if (!nearlyPerfect) return { centre, wrong: 0, right: 0 };
  const wonWrong = (madePositive * madeNegative) / 2 + (madeNegative * madePositive) / 2;
  const wonRight = madeNegative * positives + madePositive * (negatives + 2 * madeNegative);
  return { centre, wrong: of(wonWrong, share, 1 - share), right: of(wonRight + wonWrong, share, 1 - share) };
}

/** Rows of one class against the rest, by rising score. */
interface Curve {
  readonly order: Uint32Array;
  /** By place in the order: 1 for a positive row. */
  readonly positive: Uint8Array;
  /** By place in the order: 1 where a run of equal scores ends. */
  readonly runEnds: Uint8Array;
  readonly positiveShare: number;
  /** So few rows are out of order that a sample of them has hardly any spread: the made-up rows count. */
  readonly nearlyPerfect: boolean;
}

/** Rows out of order below which their count is no longer near a normal variable. */
const fewOutOfOrder = 10;

function makeCurve({ classes, labels, scores }: ScoredOutcomes, positiveClass: number): Curve {
  // By row, side by side: a sort of many rows reads them in no order.
  const ofClass = Float64Array.from(labels, (_, row) => scores[row * classes.length + positiveClass] as number);
  const scoreOf = (row: number): number => ofClass[row] as number;
  const order = Uint32Array.from(labels.keys()).sort((a, b) => scoreOf(a) - scoreOf(b));
  const positive = Uint8Array.from(order, (row) => (labels[row] === positiveClass ? 1 : 0));
  const runEnds = Uint8Array.from(order, (row, place) => {
    const next = order[place + 1];
    return next === undefined || scoreOf(next) !== scoreOf(row) ? 1 : 0;
  });
  const positives = positive.reduce((sum, one) => sum + one, 0);
  const curve = { order, positive, runEnds, positiveShare: positives / order.length, nearlyPerfect: false };
  const area = areaUnder(curve, new Float64Array(order.length).fill(1), 0, 0);
  const outOfOrder = Math.min(positives, order.length - positives) * (1 - area);
  return { ...curve, nearlyPerfect: outOfOrder < fewOutOfOrder };
}

/**
 * P(score of a positive > score of a negative) + P(equal) / 2, weighted: the Mann-Whitney statistic over the pairs. A row
 * made up as wrong is a positive below all and a negative above all, in the shares of the classes; right, the reverse.
 */
function areaUnder(curve: Curve, weights: Weights, wrong: number, right: number): number {
  const { order, positive, runEnds, positiveShare, nearlyPerfect } = curve;
  let positives = 0;
  let negatives = 0;
  let won = 0;
  let runPositives = 0;
  let runNegatives = 0;
  for (let place = 0; place < order.length; place += 1) {
    const weight = weights[order[place] as number] as number;
    if (positive[place] === 1) runPositives += weight;
    else runNegatives += weight;
    if (runEnds[place] === 0) continue;
    won += runPositives * (negatives + runNegatives / 2);
    positives += runPositives;
    negatives += runNegatives;
    runPositives = 0;
    runNegatives = 0;
  }
  if (!nearlyPerfect) return ratio(won, positives * negatives);
  const lowPositives = wrong * positiveShare;
  const highPositives = right * positiveShare;
  const highNegatives = wrong * (1 - positiveShare);
  const lowNegatives = right * (1 - positiveShare);
  won += positives * lowNegatives + highPositives * (negatives + lowNegatives + highNegatives / 2);
  won += (lowPositives * lowNegatives) / 2;
  return ratio(won, (positives + lowPositives + highPositives) * (negatives + lowNegatives + highNegatives));
}

const ratio = (part: number, whole: number): number => (whole === 0 ? NaN : part / whole);
