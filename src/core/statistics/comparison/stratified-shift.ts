/** Two samples of one group; values are compared within a group only. */
export interface SampleGroup {
  readonly firsts: readonly number[];
  readonly seconds: readonly number[];
}

/** Halvings of an interval until its end is known to nine digits. */
const halvings = 32;

/**
 * Returns how much larger the seconds are than the firsts of their own group: the weighted median of all differences within
 * groups, each with the weight 1 / (values of its group + 1). It is where the statistic of van Elteren (1960) shows no
 * difference, as the estimate of Hodges and Lehmann (1963) is for one group. Null where no group has both.
 *
 * Of exponential values it needs a third of the values that a difference of means needs, of normal ones 5% more (Hodges and Lehmann 1956).
 *
 * Worked: groups [0] with [1] and [0, 0] with [5, 5]: weights 1/3 for the difference 1 and 4/5 for 5: the median is 5.
 */
export function stratifiedShift(groups: readonly SampleGroup[]): number | null {
  const sorted = groups
    .filter(({ firsts, seconds }) => firsts.length > 0 && seconds.length > 0)
    .map(({ firsts, seconds }) => ({
      firsts: Float64Array.from(firsts).sort(),
      seconds: Float64Array.from(seconds).sort(),
      weight: 1 / (firsts.length + seconds.length + 1),
    }));
  if (sorted.length === 0) return null;
  const low = Math.min(...sorted.map(({ firsts, seconds }) => (seconds[0] ?? 0) - (firsts.at(-1) ?? 0)));
  const high = Math.max(...sorted.map(({ firsts, seconds }) => (seconds.at(-1) ?? 0) - (firsts[0] ?? 0)));
  /** Weight of the differences above a shift, less that of those below. */
  const excessAt = (shift: number): number =>
    sorted.reduce((sum, { firsts, seconds, weight }) => sum + weight * excessOf(firsts, seconds, shift), 0);
  const tooSmall = boundary(low, high, (shift) => excessAt(shift) > rounding);
  const tooLarge = boundary(low, high, (shift) => excessAt(shift) >= -rounding);
  return (tooSmall + tooLarge) / 2;
}

/** Of a sum of weights. */
const rounding = 1e-9;

/** Where a condition that holds up to some shift ends. */
function boundary(low: number, high: number, holds: (shift: number) => boolean): number {
  let [below, above] = [low, high];
  for (let step = 0; step < halvings; step += 1) {
    const middle = (below + above) / 2;
    if (holds(middle)) below = middle;
    else above = middle;
  }
  return (below + above) / 2;
}

/** Pairs whose difference is above a shift, less those whose difference is below. */
function excessOf(firsts: Float64Array, seconds: Float64Array, shift: number): number {
  let [excess, less, atMost] = [0, 0, 0];
  for (const second of seconds) {
    const bound = second - shift;
    while (less < firsts.length && (firsts[less] ?? 0) < bound) less += 1;
    while (atMost < firsts.length && (firsts[atMost] ?? 0) <= bound) atMost += 1;
    excess += less - (firsts.length - atMost);
  }
  return excess;
}
