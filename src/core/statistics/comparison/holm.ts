/**
 * P-values adjusted for their number (Holm 1979): the smallest times m, the next times m - 1, and so on, none below the one
 * before it. What is at most alpha is rejected with a probability of any false rejection of at most alpha.
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const adjusted = [...pValues];
  let greatest = 0;
  order.forEach((index, place) => {
    greatest = Math.max(greatest, Math.min(1, (pValues.length - place) * (pValues[index] as number)));
    adjusted[index] = greatest;
  });
  return adjusted;
}
