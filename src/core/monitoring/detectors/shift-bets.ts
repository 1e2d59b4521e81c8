import { normalCdf, normalQuantile } from '../../statistics/distributions/normal.ts';
import { noBets } from './stakes.ts';

/**
 * The errors of a history by rank, at a few of its values: all where the values repeat, else more of them the farther out.
 * Between two values it is known only how many errors lie there.
 */
export interface ErrorRanks {
  readonly count: number;
  /** In order, without repetition. */
  readonly at: readonly number[];
  /** For each of them: how many errors are less, and how many are not more. */
  readonly below: readonly number[];
  readonly upTo: readonly number[];
}

/** The share of errors that are larger, and of those that are not less: a new error counts once among them. */
export interface ErrorPlace {
  readonly low: number;
  readonly high: number;
}

/** Shifts that are bet on, in standard deviations of a normal error, with the part of the capital that a bet risks. */
export const shifts: readonly { readonly by: number; readonly stake: number }[] = [
  { by: 0.5, stake: 0.95 },
  { by: 1, stake: 0.95 },
  { by: 2, stake: 0.9 },
  { by: 3, stake: 0.7 },
];

/** More different values than this, and only some are kept. */
export const mostValues = 48;
const rankSteps = 32;

/** `sorted` has at least one error, the least first. */
export function rankErrors(sorted: readonly number[]): ErrorRanks {
  const distinct = sorted.filter((error, index) => error !== sorted[index - 1]);
  const at =
    distinct.length <= mostValues ? distinct : [...new Set(keptRanks(sorted.length).map((rank) => sorted[rank] ?? 0))];
  return {
    count: sorted.length,
    at,
    below: at.map((value) => countBefore(sorted, (each) => each < value)),
    upTo: at.map((value) => countBefore(sorted, (each) => each <= value)),
  };
}

/** The ranks 0, 1, 3, 7 and so on from either end, and equal steps between them. */
function keptRanks(count: number): readonly number[] {
  const kept = new Set<number>();
  for (let rank = 0; rank < count / rankSteps; rank = 2 * rank + 1) kept.add(rank).add(count - 1 - rank);
  for (let step = 1; step < rankSteps; step += 1) kept.add(Math.round((step / rankSteps) * (count - 1)));
  return [...kept].sort((a, b) => a - b);
}

/** Where an error lies among those of the history; one equal to some of them lies with them. */
export function placeOf({ count, at, below, upTo }: ErrorRanks, error: number): ErrorPlace {
  const next = countBefore(at, (each) => each < error);
  const isKnown = at[next] === error;
  const least = isKnown ? (below[next] ?? 0) : (upTo[next - 1] ?? 0);
  const most = isKnown ? (upTo[next] ?? 0) : (below[next] ?? count);
  return placeBetween(count, least, most);
}

/**
 * E-values of one error: for each shift that errors went up, then for each that they went down.
 *
 * A test that rejects the largest share p of normal errors has the power R(p) = Phi(Phi^-1(p) + shift). The e-value is the
 * mean slope of R over the place of the error: (R(high) - R(low)) / (high - low). Its mean over places is R(1) - R(0) = 1,
 * whatever the distribution of the errors, also where they repeat: a new error is as likely in each place as any of the
 * history (a conformal e-value). Where errors are normal it is the likelihood ratio of the shift.
 */
export function shiftEvidence({ low, high }: ErrorPlace): readonly number[] {
  const width = high - low;
  const [near, far] = [quantileOf(high), quantileOf(low)];
  const slope = (from: number, to: number, by: number): number => (normalCdf(to + by) - normalCdf(from + by)) / width;
  return [...shifts.map(({ by }) => slope(far, near, by)), ...shifts.map(({ by }) => slope(-near, -far, by))];
}

/** The variance of each e-value over the places of the history. */
export function evidenceVariances(ranks: ErrorRanks): readonly number[] {
  const { count, at, below, upTo } = ranks;
  const variances = noBets(2 * shifts.length).map(() => -1);
  const add = (place: ErrorPlace, share: number): void => {
    for (const [index, value] of shiftEvidence(place).entries()) {
      variances[index] = (variances[index] ?? 0) + share * value * value;
    }
  };
  for (const [index, most] of [...below, count].entries()) {
    const between = placeBetween(count, upTo[index - 1] ?? 0, most);
    add(between, between.high - between.low);
  }
  // The first error of each value is an end of what lies between; all together are as wide as 1.
  for (const [index, error] of at.entries()) {
    add(placeOf(ranks, error), ((upTo[index] ?? 0) - (below[index] ?? 0) - 1) / (count + 1));
  }
  return variances.map((variance) => Math.max(0, variance));
}

const placeBetween = (count: number, least: number, most: number): ErrorPlace => ({
  low: (count - most) / (count + 1),
  high: (count + 1 - least) / (count + 1),
});

const quantileOf = (share: number): number => (share <= 0 ? -Infinity : share >= 1 ? Infinity : normalQuantile(share));

/** How many of a sorted list hold, all of them at its beginning. */
export function countBefore(sorted: readonly number[], holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
