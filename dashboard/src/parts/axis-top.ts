/** A few steps a decade: an axis that stays while values move a little. */
export function axisTop(least: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(least));
  return ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * magnitude >= least) ?? 10) * magnitude;
}
