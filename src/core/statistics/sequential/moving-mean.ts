import { logAverage } from './sequential-stakes.ts';

/**
 * Limits of a mean that may move, at every moment together: of the average, over the terms so far, of what each term was
 * expected to be given the past. Terms need not be alike, and may depend on one another.
 *
 * For xi = (x - centre) / range >= -1, a centre that is known before x, and s in (0, 1):
 * exp(s xi - (-log(1 - s) - s) xi^2) <= 1 + s xi. So exp(s sum(x - mean) / range - (-log(1 - s) - s) V) is a test
 * supermartingale, with V the sum of all xi^2, and so is its average over fixed s. Sources: Howard, Ramdas, McAuliffe and Sekhon
 * (2021), Time-uniform, nonparametric, nonasymptotic confidence sequences, theorem 4; Waudby-Smith and Ramdas (2024), arXiv
 * 2010.09686, on means that move. The upper limit is the lower limit of -x.
 */
export interface TermSums {
  readonly terms: number;
  readonly sum: number;
  /** Sum of squared distances from the centres. */
  readonly squares: number;
  /** Sum of what is left of the terms beside what was expected of each. */
  readonly rest: number;
}

export const noTerms: TermSums = { terms: 0, sum: 0, squares: 0, rest: 0 };

/** Geometric from 0.99 down to about 0.005. */
const stakes: readonly number[] = Array.from({ length: 16 }, (_, index) => 0.99 * 0.7 ** index);

/** @param centre known before the term. @param expected the part of the term that is known before it. */
export const addTerm = (sums: TermSums, term: number, centre: number, expected: number): TermSums => ({
  terms: sums.terms + 1,
  sum: sums.sum + term,
  squares: sums.squares + (term - centre) ** 2,
  rest: sums.rest + term - expected,
});

/** What a further term is about, beside what is expected of it. */
export const centreOf = ({ terms, rest }: TermSums): number => rest / (terms + 1);

/**
 * How far the sum of the terms may be above (or below) the sum of their means.
 * @param range no term is further from its centre, on the side in question.
 */
export function sumMargin({ squares }: TermSums, range: number, alphaShare: number): number {
  const enough = -Math.log(alphaShare);
  const scaled = squares / range ** 2;
  const evidence = (sum: number): number =>
    logAverage(stakes.map((stake) => stake * sum - (-Math.log1p(-stake) - stake) * scaled));
  let high = 1;
  while (evidence(high) < enough) high *= 2;
  let low = 0;
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2;
    if (evidence(middle) < enough) low = middle;
    else high = middle;
  }
  return high * range;
}

/** As the sums would be after `times` as many terms of the same kind. */
export const repeatTerms = ({ terms, sum, squares, rest }: TermSums, times: number): TermSums => ({
  ...{ terms: terms * times, sum: sum * times, squares: squares * times, rest: rest * times },
});
