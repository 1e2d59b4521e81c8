import { category, numeric, type ReadFeature } from './feature-list.ts';

const mostClasses = 1_000;
/** Shares that sum to 1 within this are probabilities, rounded as FP32 or FP16 rounds them. */
const sumTolerance = 5e-3;
/** An output of such a name has scores of classes, whatever their sum: softmax makes shares of them. */
const scoreNames = /logit|score|prob/i;

/**
 * Class, confidence and entropy of the scores of one row; null where the output is no list of scores. Scores are numbers
 * that are not negative and sum to 1, or anything under a name such as `logits`.
 */
export function readScores(
  name: string,
  data: ArrayLike<number>,
  rowShape: readonly number[],
): readonly ReadFeature[] | null {
  const classes = rowShape.at(-1) ?? 1;
  const size = rowShape.reduce((product, each) => product * each, 1);
  if (size !== classes || classes < 2 || classes > mostClasses) return null;
  const areShares = sumToOne(data, classes);
  if (!areShares && !scoreNames.test(name)) return null;
  const best = findLargest(data, classes);
  const isKnown = best !== null && Number.isFinite(data[best]);
  const shares = areShares || !isKnown ? data : softmax(data, classes, data[best] ?? 0);
  return [
    category('.class', isKnown ? String(best) : null),
    numeric('.confidence', isKnown ? (shares[best] ?? NaN) : NaN),
    numeric('.entropy', isKnown ? entropyOf(shares, classes) : NaN),
  ];
}

function sumToOne(data: ArrayLike<number>, size: number): boolean {
  let sum = 0;
  for (let at = 0; at < size; at += 1) {
    const value = data[at] ?? NaN;
    if (!(value >= 0)) return false;
    sum += value;
  }
  return Math.abs(sum - 1) <= sumTolerance;
}

/** Null where a score is NaN: no class is the largest then. */
function findLargest(data: ArrayLike<number>, size: number): number | null {
  let best = 0;
  for (let at = 0; at < size; at += 1) {
    const value = data[at] ?? NaN;
    if (Number.isNaN(value)) return null;
    if (value > (data[best] ?? NaN)) best = at;
  }
  return best;
}

/** Less the largest first, so that nothing overflows. */
function softmax(data: ArrayLike<number>, size: number, largest: number): Float64Array {
  const shares = Float64Array.from({ length: size }, (_, at) => Math.exp((data[at] ?? 0) - largest));
  const sum = shares.reduce((total, each) => total + each, 0);
  return shares.map((each) => each / sum);
}

/** In nats: 0 where one class has all, ln(classes) where all have the same. */
function entropyOf(shares: ArrayLike<number>, size: number): number {
  let entropy = 0;
  for (let at = 0; at < size; at += 1) {
    const share = shares[at] ?? 0;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return Math.max(0, entropy);
}
