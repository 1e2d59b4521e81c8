/**
 * The effect of a change from interleaved blocks, with limits that need no distribution.
 *
 * A round is four blocks in the order ABBA or BAAB: a steady drift of the machine cancels within it. A coin chooses the order of
 * each round, so that the sign of a round's difference is random where the change does nothing. Then each of the 2^n - 1 means of
 * a subset of the differences is below the true one as often as not, in a known way: the k-th smallest is above it with a
 * probability of exactly k / 2^n (typical values, Hartigan 1969; https://doi.org/10.1080/01621459.1969.10501057). It is the exact
 * permutation test of signs, turned round.
 *
 * | rounds | smallest level | rank at 1% | rank at 0.33% |
 * |---|---|---|---|
 * | 6 | 1.6% | none | none |
 * | 8 | 0.39% | 2 | none |
 * | 9 | 0.20% | 5 | 1 |
 * | 10 | 0.098% | 10 | 3 |
 * | 12 | 0.024% | 40 | 13 |
 */
export interface Round {
  /** Answers a second, or another positive number of which more is better, of the blocks without the change. */
  readonly without: readonly [number, number];
  readonly withChange: readonly [number, number];
}

export interface EffectInterval {
  /** A share: 0.4 is 40% more with the change. */
  readonly estimate: number;
  /** -1 and Infinity where there are too few rounds for a limit. */
  readonly lower: number;
  readonly upper: number;
}

/** 2^14 means take 1 ms; a diagnosis has no time for more rounds. */
export const roundsAtMost = 14;

/**
 * Returns the geometric mean effect and its limits, each with a one-sided error of at most `level`.
 * @throws RangeError without rounds, with more than 14, or for a value that is no positive number.
 */
export function estimateEffect(
  rounds: readonly Round[],
  levels: { readonly lower: number; readonly upper: number },
): EffectInterval {
  const differences = rounds.map(differenceOf);
  const means = subsetMeans(differences);
  const estimate = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const rankOf = (level: number): number => limitRank(rounds.length, level);
  const lower = means[rankOf(levels.lower) - 1];
  const upper = means[means.length - rankOf(levels.upper)];
  return {
    estimate: Math.expm1(estimate),
    lower: lower === undefined ? -1 : Math.expm1(lower),
    upper: upper === undefined ? Infinity : Math.expm1(upper),
  };
}

/** Returns the rank of the limit among the subset means: k with k / 2^rounds at most the level. 0: there is no limit. */
export const limitRank = (rounds: number, level: number): number => Math.floor(level * 2 ** rounds + 1e-9);

/** Returns the difference of logarithms, with the change less without. */
export function differenceOf({ without, withChange }: Round): number {
  const logs = [...withChange, ...without].map((value) => {
    if (!(value > 0) || value === Infinity) throw new RangeError(`a block of ${value} is no measurement`);
    return Math.log(value);
  });
  const [a = 0, b = 0, c = 0, d = 0] = logs;
  return (a + b - c - d) / 2;
}

/** Returns the means of all subsets but the empty one, in rising order. */
function subsetMeans(values: readonly number[]): Float64Array {
  const n = values.length;
  if (n === 0 || n > roundsAtMost) throw new RangeError(`1 to ${roundsAtMost} rounds, not ${n}`);
  const sums = new Float64Array(2 ** n);
  const counts = new Uint8Array(2 ** n);
  for (let at = 0; at < n; at += 1) {
    const size = 2 ** at;
    for (let subset = 0; subset < size; subset += 1) {
      sums[size + subset] = (sums[subset] ?? 0) + (values[at] ?? 0);
      counts[size + subset] = (counts[subset] ?? 0) + 1;
    }
  }
  return sums
    .subarray(1)
    .map((sum, index) => sum / (counts[index + 1] ?? 1))
    .sort();
}
