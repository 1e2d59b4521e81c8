/**
 * e^x for x <= 0, from additions and multiplications alone. ECMAScript leaves `Math.exp` to the engine, and a compiler
 * may fuse its multiply-adds on one processor and not on another; IEEE 754 leaves `+` and `*` no such freedom, so that
 * every machine trains the same bytes. Below -80 it is 0.
 *
 * x = k ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor series to r^13 / 13! (remainder below 5e-18); then 2^k from a
 * table of exact powers. ln 2 in two parts (fdlibm's e_exp.c), so that r keeps its digits.
 */
export function exponential(x: number): number {
  if (x < -80) return 0;
  const k = Math.round(x * 1.4426950408889634);
  const r = x - k * 6.9314718036912381649e-1 - k * 1.90821492927058770002e-10;
  let sum = 1;
  for (let term = 13; term >= 1; term -= 1) sum = 1 + (sum * r) / term;
  return sum * (halvings[-k] ?? 0);
}

/** 2^0, 2^-1, ... 2^-116: each halving is exact. */
const halvings: readonly number[] = Array.from({ length: 117 }).reduce<number[]>(
  (powers) => [...powers, (powers.at(-1) ?? 2) * 0.5],
  [],
);

/** Replaces scores by probabilities: e^(score - largest) over their sum, in index order. */
export function softmaxInPlace(scores: Float64Array): void {
  let largest = -Infinity;
  for (const score of scores) if (score > largest) largest = score;
  let sum = 0;
  for (let index = 0; index < scores.length; index += 1) {
    const value = exponential((scores[index] as number) - largest);
    scores[index] = value;
    sum += value;
  }
  for (let index = 0; index < scores.length; index += 1) scores[index] = (scores[index] as number) / sum;
}
