import { betaQuantile, binomialTail, lnBinomialMass, makeBinomialMass } from '../distributions/binomial.ts';
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
export const exactPairedPValue = (counts: Discordance, difference: number): number =>
  makeExactTest(counts).worstAt(difference).pValue;

/** Whether that p-value is at most the level; where the table lies far beyond, without the sums. */
export function isExactlyRejected(counts: Discordance, difference: number, level: number): boolean {
  const { mostAt, worstAt } = makeExactTest(counts);
  return mostAt(difference) <= level || worstAt(difference).pValue <= level;
}

/** P-value of "the difference is at least `difference`". */
export const exactPairedPValueBelow = (counts: Discordance, difference: number): number =>
  exactPairedPValue(swapped(counts), -difference);

/** Beyond it the exact sum is long, and differs from the score by less than the fourth digit. */
export const mostExactDiscordant = 1_000_000;
const nuisanceError = 1e-6;

/** One-sided limit of the difference from below: what the exact test does not reject. */
export function exactPairedLower(counts: Discordance, confidenceShare: number): number {
  const level = 1 - confidenceShare;
  const { worstAt, pValueAt } = makeExactTest(counts);
  const estimate = pairedDifference(counts);
  const near = tangoLimits(counts, confidenceShare).lower;
  const width = Math.max(estimate - near, 1e-9);
  // Searched with the share of discordant rows held, and confirmed by a whole p-value a little below. Where that is not
  // rejected, another share is worse, and the search goes on with that one. The distance doubles at every turn, so that
  // the turns end also where the worst share jumps to and fro.
  let share = (counts.onlyFirst + counts.onlySecond) / counts.rows;
  let high = estimate;
  let held: number | null = null;
  for (let distance = width * confirmedShare; ; distance *= 2) {
    const excess = (difference: number): number => Math.log(pValueAt(difference, share) / level);
    const below = greatestRejected(excess, near, width, high) - distance;
    if (below <= -1) return -1;
    const worst = worstAt(below);
    const worstBefore = share;
    const isRejected = (at: number): boolean => worstAt(at, { near: worstBefore, enough: level }).pValue <= level;
    if (worst.pValue <= level) return held === null ? below : nearer(below, held, isRejected);
    held = below;
    high = below;
    share = worst.share ?? share;
  }
}

/** Turns of the search leave the limit short of where it could be: halved to a four-thousandth of what they left. */
const halvings = 12;

/** The greatest difference found between one that is rejected and one that is not. */
function nearer(rejected: number, held: number, isRejected: (difference: number) => boolean): number {
  let [low, high] = [rejected, held];
  for (let step = 0; step < halvings; step += 1) {
    const at = (low + high) / 2;
    if (isRejected(at)) low = at;
    else high = at;
  }
  return low;
}

/** The same from above. */
export const exactPairedUpper = (counts: Discordance, confidenceShare: number): number =>
  -exactPairedLower(swapped(counts), confidenceShare);

/** Of the distance between the estimate and the limit of the score: 2e-7 of it is no digit that is shown. */
const confirmedShare = 2e-7;

/**
 * The greatest difference below `high` with an excess of 0 or less, -1 where none is found; by false position, in which
 * an end that stays counts half from the second time on (the Illinois rule).
 */
function greatestRejected(excess: (difference: number) => number, near: number, width: number, high: number): number {
  // The exact limit lies a little below that of the score, as a rule: look there first.
  let low = Math.min(near, high) - width / 4;
  while (low > -1 && excess(low) > 0) low -= width / 2;
  if (low <= -1) low = -1;
  let above = Math.min(near + width / 8, high);
  if (excess(above) <= 0) above = high;
  let [ofLow, ofAbove] = [Math.min(excess(low), 0), Math.max(excess(above), 0)];
  for (let step = 0; step < 60 && above - low > width * confirmedShare; step += 1) {
    const straight = low + ((above - low) * ofLow) / (ofLow - ofAbove);
    const at = straight > low && straight < above ? straight : (low + above) / 2;
    const found = excess(at);
    if (found <= 0) {
      if (at - low < (above - low) / 2) ofAbove /= 2;
      [low, ofLow] = [at, found];
    } else {
      if (above - at < (above - low) / 2) ofLow /= 2;
      [above, ofAbove] = [at, found];
    }
  }
  return low;
}

/** The test of one table, for any difference. */
interface ExactTest {
  /** The p-value, and the share of discordant rows that makes it largest: null where the p-value comes of no sum. */
  readonly worstAt: (difference: number, search?: Search) => { readonly pValue: number; readonly share: number | null };
  /** No smaller than the p-value, for less work than one sum. */
  readonly mostAt: (difference: number) => number;
  /** What the p-value would be if this were the share of discordant rows: never above the p-value, one sum in place of 42. */
  readonly pValueAt: (difference: number, share: number) => number;
}

function makeExactTest(counts: Discordance): ExactTest {
  const { rows, onlyFirst, onlySecond } = counts;
  const discordant = onlyFirst + onlySecond;
  const withoutSum = (difference: number, observed: number): number | null => {
    if (observed <= 0) return Math.max(tangoPValue(counts, difference), 0.5);
    return discordant > mostExactDiscordant ? tangoPValue(counts, difference) : null;
  };
  let interval: readonly [number, number] | undefined;
  // A difference needs at least as many discordant rows.
  const nuisanceRange = (difference: number): readonly [number, number] => {
    const [low, high] = (interval ??= nuisanceInterval(discordant, rows));
    const least = Math.abs(difference);
    return [Math.min(Math.max(low, least), 1), Math.min(Math.max(high, least), 1)];
  };
  return {
    worstAt: (difference, search = {}) => {
      const observed = tangoScore(counts, difference);
      const pValue = withoutSum(difference, observed);
      if (pValue !== null) return { pValue, share: null };
      const [low, high] = nuisanceRange(difference);
      const { best, at } = greatest(low, high, makeRegion(rows, difference, observed, low, high), search);
      return { pValue: Math.min(1, best + nuisanceError), share: at };
    },
    mostAt: (difference) => {
      const observed = tangoScore(counts, difference);
      const [low, high] = nuisanceRange(difference);
      if (withoutSum(difference, observed) !== null || low <= 0) return 1;
      const [first] = discordantRange(rows, low);
      const [, last] = discordantRange(rows, high);
      const ofFirst = Math.max(shareOfFirst(difference, low), shareOfFirst(difference, high));
      return greatestTail(criticalCounts(rows, difference, observed, first, last), first, ofFirst) + 2 * nuisanceError;
    },
    pValueAt: (difference, share) => {
      const observed = tangoScore(counts, difference);
      const pValue = withoutSum(difference, observed);
      if (pValue !== null) return pValue;
      const [low, high] = nuisanceRange(difference);
      const within = Math.min(Math.max(share, low), high);
      return Math.min(1, makeRegion(rows, difference, observed, within, within)(within) + nuisanceError);
    },
  };
}

/** Clopper and Pearson's, of the share of discordant rows. */
function nuisanceInterval(discordant: number, rows: number): readonly [number, number] {
  const tail = nuisanceError / 2;
  return [
    discordant === 0 ? 0 : betaQuantile(tail, discordant, rows - discordant + 1),
    discordant === rows ? 1 : betaQuantile(1 - tail, discordant + 1, rows - discordant),
  ];
}

/** Where the greatest value is likely, and a value above which any will do: the search ends with the first such one. */
interface Search {
  readonly near?: number;
  readonly enough?: number;
}

/** Greatest value on a grid, refined about its best point by golden section. */
function greatest(
  low: number,
  high: number,
  of: (share: number) => number,
  { near = low, enough = Infinity }: Search,
): { best: number; at: number } {
  const intervals = 32;
  const step = (high - low) / intervals;
  const nearest = step > 0 ? Math.min(Math.max(Math.round((near - low) / step), 0), intervals) : 0;
  const likely = of(low + nearest * step);
  if (likely > enough) return { best: likely, at: low + nearest * step };
  let best = -1;
  let at = low;
  for (let point = 0; point <= intervals; point += 1) {
    const value = point === nearest ? likely : of(low + point * step);
    if (value > best) [best, at] = [value, low + point * step];
    if (best > enough) return { best, at };
  }
  let [from, to] = [Math.max(low, at - step), Math.min(high, at + step)];
  if (to <= from) return { best, at };
  const golden = (Math.sqrt(5) - 1) / 2;
  let [left, right] = [to - golden * (to - from), from + golden * (to - from)];
  let [leftValue, rightValue] = [of(left), of(right)];
  for (let turn = 0; ; turn += 1) {
    if (leftValue > best) [best, at] = [leftValue, left];
    if (rightValue > best) [best, at] = [rightValue, right];
    if (turn === 7 || best > enough) break;
    // The point that is left stands where a point of the smaller interval has to be.
    if (leftValue > rightValue) {
      [to, right, rightValue] = [right, left, leftValue];
      left = to - golden * (to - from);
      leftValue = of(left);
    } else {
      [from, left, leftValue] = [left, right, rightValue];
      right = from + golden * (to - from);
      rightValue = of(right);
    }
  }
  return { best, at };
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
    const ofFirst = shareOfFirst(difference, share);
    if (ofFirst === 0 || ofFirst === 1 || share === 1)
      return directSum(rows, share, ofFirst, critical, first, from, to);
    return recurrentSum(rows, share, ofFirst, critical, first, from, to);
  };
}

/** Of the discordant rows, those that the first rater gets right; it rises or falls with the share of discordant rows. */
const shareOfFirst = (difference: number, share: number): number =>
  Math.min(Math.max((1 + difference / share) / 2, 0), 1);

/**
 * A bound of P(X >= critical count) for any number of discordant rows: exp(-m KL(count / m, share)), after Chernoff 1952.
 * The p-value is an average of such tails, but for the 1e-12 that a sum leaves out.
 */
function greatestTail(critical: Int32Array, first: number, ofFirst: number): number {
  let least = Infinity;
  for (let index = 0; index < critical.length; index += 1) {
    const count = critical[index] as number;
    const rest = first + index - count;
    if (rest < 0) continue;
    const share = count / (first + index);
    if (!(share > ofFirst)) return 1;
    const ofRest = rest === 0 ? 0 : rest * Math.log((1 - share) / (1 - ofFirst));
    least = Math.min(least, count * Math.log(share / ofFirst) + ofRest);
  }
  return Math.exp(-least);
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
  const massOfFirst = makeBinomialMass(ofFirst, to);
  // Masses relative to the one in the middle, so that a start far out in the tail does not lose its digits.
  let mass = Math.exp(lnBinomialMass(from, rows, share) - lnBinomialMass(middle, rows, share));
  const scale = Math.exp(lnBinomialMass(middle, rows, share));
  let count = critical[from - first] as number;
  let tail = binomialTail(count, from, ofFirst);
  let sum = 0;
  for (let discordant = from; ; discordant += 1) {
    sum += mass * tail;
    if (discordant === to) return Math.min(1, scale * sum);
    if (count > 0 && count - 1 <= discordant) tail += ofFirst * massOfFirst(count - 1, discordant);
    const next = critical[discordant + 1 - first] as number;
    for (; count < next; count += 1) tail -= massOfFirst(count, discordant + 1);
    for (; count > next; count -= 1) tail += massOfFirst(count - 1, discordant + 1);
    tail = Math.min(Math.max(tail, 0), 1);
    mass *= ((rows - discordant) / (discordant + 1)) * odds;
  }
}
