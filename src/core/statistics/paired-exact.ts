import { betaQuantile, binomialTail, lnBinomialMass } from './binomial.ts';
import { pairedDifference, swapped, tangoLimits, tangoPValue, tangoScore, type Discordance } from './paired-score.ts';

/**
 * Exact unconditional test of "the difference of two paired shares (first less second) is at most `difference`".
 *
 * The p-value is the probability, at the difference of the hypothesis, of a table whose Tango score is at least the
 * observed one; the nuisance parameter, the share of discordant rows, takes the value that makes it largest within its
 * Clopper-Pearson interval of confidence 1 - 1e-6, and 1e-6 is added (Berger and Boos 1994; the score as order of the
 * tables after Sidik 2003 and Lloyd 2008). The number of discordant rows is binomial, and given it the number that only the
 * first gets right is binomial too, so that one value of the nuisance takes one sum over the number of discordant rows.
 */
export function exactPairedPValue(counts: Discordance, difference: number): number {
  const observed = tangoScore(counts, difference);
  if (observed <= 0) return Math.max(tangoPValue(counts, difference), 0.5);
  const { rows, onlyFirst, onlySecond } = counts;
  if (onlyFirst + onlySecond > mostExactDiscordant) return tangoPValue(counts, difference);
  const [low, high] = nuisanceRange(onlyFirst + onlySecond, rows, Math.abs(difference));
  const region = makeRegion(rows, difference, observed, low, high);
  return Math.min(1, greatest(low, high, (share) => region(share)) + nuisanceError);
}

/** P-value of "the difference is at least `difference`". */
export const exactPairedPValueBelow = (counts: Discordance, difference: number): number =>
  exactPairedPValue(swapped(counts), -difference);

/** Beyond it the exact sum is long, and differs from the score by less than the fourth digit. */
export const mostExactDiscordant = 1_000_000;
const nuisanceError = 1e-6;

/** One-sided limits of the difference: what the exact test does not reject. */
export function exactPairedLimits(counts: Discordance, confidenceShare: number): { lower: number; upper: number } {
  return {
    lower: exactLower(counts, confidenceShare),
    upper: -exactLower(swapped(counts), confidenceShare),
  };
}

function exactLower(counts: Discordance, confidenceShare: number): number {
  const level = 1 - confidenceShare;
  const rejected = (difference: number): boolean => exactPairedPValue(counts, difference) <= level;
  const estimate = pairedDifference(counts);
  const near = tangoLimits(counts, confidenceShare).lower;
  const width = Math.max(estimate - near, 1e-9);
  // The exact limit lies a little below that of the score, as a rule: look there first.
  let low = near - width / 4;
  while (low > -1 && !rejected(low)) low -= width / 2;
  low = Math.max(low, -1);
  let high = Math.min(near + width / 8, estimate);
  if (rejected(high)) high = estimate;
  for (let step = 0; step < 24; step += 1) {
    const middle = (low + high) / 2;
    if (rejected(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function nuisanceRange(discordant: number, rows: number, least: number): readonly [number, number] {
  const tail = nuisanceError / 2;
  const low = discordant === 0 ? 0 : betaQuantile(tail, discordant, rows - discordant + 1);
  const high = discordant === rows ? 1 : betaQuantile(1 - tail, discordant + 1, rows - discordant);
  // A difference needs at least as many discordant rows.
  return [Math.min(Math.max(low, least), 1), Math.min(Math.max(high, least), 1)];
}

/** Greatest value on a grid, refined about its best point by golden section. */
function greatest(low: number, high: number, of: (share: number) => number): number {
  const points = 33;
  const step = (high - low) / (points - 1);
  let best = -1;
  let at = low;
  for (let point = 0; point < points; point += 1) {
    const value = of(low + point * step);
    if (value > best) [best, at] = [value, low + point * step];
  }
  let [from, to] = [Math.max(low, at - step), Math.min(high, at + step)];
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let turn = 0; turn < 8 && to > from; turn += 1) {
    const [left, right] = [to - golden * (to - from), from + golden * (to - from)];
    const [leftValue, rightValue] = [of(left), of(right)];
    best = Math.max(best, leftValue, rightValue);
    if (leftValue > rightValue) to = right;
    else from = left;
  }
  return best;
}

/** Standard deviations of the number of discordant rows that are summed: what is left out is below 1e-12. */
const summedDeviations = 7.5;

function discordantRange(rows: number, share: number): readonly [number, number] {
  const half = summedDeviations * Math.sqrt(rows * share * (1 - share)) + 12;
  return [Math.max(0, Math.floor(rows * share - half)), Math.min(rows, Math.ceil(rows * share + half))];
}

/** Probability of the tables that are at least as extreme, as a function of the share of discordant rows. */
function makeRegion(rows: number, difference: number, observed: number, low: number, high: number) {
  const [first] = discordantRange(rows, low);
  const [, last] = discordantRange(rows, high);
  const critical = criticalCounts(rows, difference, observed, first, last);
  return (share: number): number => {
    const [from, to] = discordantRange(rows, share);
    if (share <= 0) return (critical[0] as number) <= 0 && first === 0 ? 1 : 0;
    const ofFirst = Math.min(Math.max((1 + difference / share) / 2, 0), 1);
    if (ofFirst === 0 || ofFirst === 1 || share === 1)
      return directSum(rows, share, ofFirst, critical, first, from, to);
    return recurrentSum(rows, share, ofFirst, critical, first, from, to);
  };
}

/** By number of discordant rows from `first` on: the least number for the first rater that is as extreme as observed. */
function criticalCounts(rows: number, difference: number, observed: number, first: number, last: number): Int32Array {
  const least = observed - 1e-9 * Math.max(1, Math.abs(observed));
  const critical = new Int32Array(last - first + 1);
  let count = 0;
  for (let discordant = first; discordant <= last; discordant += 1) {
    const extreme = (onlyFirst: number): boolean =>
      tangoScore({ onlyFirst, onlySecond: discordant - onlyFirst, rows }, difference) >= least;
    // The score rises with the count, and the critical count moves by at most a step or so from one number to the next.
    while (count > 0 && extreme(count - 1)) count -= 1;
    while (count <= discordant && !extreme(count)) count += 1;
    critical[discordant - first] = count;
  }
  return critical;
}

function directSum(
  rows: number,
  share: number,
  ofFirst: number,
  critical: Int32Array,
  first: number,
  from: number,
  to: number,
): number {
  let sum = 0;
  for (let discordant = from; discordant <= to; discordant += 1) {
    const mass = share === 1 ? (discordant === rows ? 1 : 0) : Math.exp(lnBinomialMass(discordant, rows, share));
    const count = critical[discordant - first] as number;
    const reached = ofFirst === 0 ? count <= 0 : ofFirst === 1 ? count <= discordant : null;
    sum += mass * (reached === null ? binomialTail(count, discordant, ofFirst) : Number(reached));
  }
  return sum;
}

/**
 * The tail P(X >= k) of m trials goes to m + 1 by adding p P(X = k - 1), and to k + 1 by taking P(X = k) away; the masses
 * by ratios. Both start from their exact value.
 */
function recurrentSum(
  rows: number,
  share: number,
  ofFirst: number,
  critical: Int32Array,
  first: number,
  from: number,
  to: number,
): number {
  const odds = share / (1 - share);
  const middle = Math.min(Math.max(Math.round(rows * share), from), to);
  // Masses relative to the one in the middle, so that a start far out in the tail does not lose its digits.
  let mass = Math.exp(lnBinomialMass(from, rows, share) - lnBinomialMass(middle, rows, share));
  const scale = Math.exp(lnBinomialMass(middle, rows, share));
  let count = critical[from - first] as number;
  let tail = binomialTail(count, from, ofFirst);
  let sum = 0;
  for (let discordant = from; ; discordant += 1) {
    sum += mass * tail;
    if (discordant === to) return Math.min(1, scale * sum);
    if (count > 0 && count - 1 <= discordant)
      tail += ofFirst * Math.exp(lnBinomialMass(count - 1, discordant, ofFirst));
    const next = critical[discordant + 1 - first] as number;
    for (; count < next; count += 1) tail -= Math.exp(lnBinomialMass(count, discordant + 1, ofFirst));
    for (; count > next; count -= 1) tail += Math.exp(lnBinomialMass(count - 1, discordant + 1, ofFirst));
    tail = Math.min(Math.max(tail, 0), 1);
    mass *= ((rows - discordant) / (discordant + 1)) * odds;
  }
}
