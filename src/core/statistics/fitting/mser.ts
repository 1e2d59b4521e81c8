/** A cut beyond half of the series is not trusted: the rule then finds the end of the series, and not of a warm-up. */
const cutAtMostShare = 0.5;

/**
 * Number of values at the beginning that are warm-up, by MSER-5 (White, Cobb and Spratt 2000): the cut that makes the
 * standard error of the mean of what is left smallest, over means of five values. Of the 44 rules that Hoad and others (2010)
 * reviewed it is the one that works without settings. For mean rates only: it says nothing about quantiles.
 *
 * @param values in the order of time; fewer than 20 are never cut
 */
export function mserCut(values: readonly number[], batchSize = 5): number {
  const batches = Math.floor(values.length / batchSize);
  if (batches < 4) return 0;
  const means = Array.from({ length: batches }, (_, batch) => {
    let sum = 0;
    for (let at = 0; at < batchSize; at += 1) sum += values[batch * batchSize + at] ?? 0;
    return sum / batchSize;
  });
  let [count, mean, squares] = [0, 0, 0];
  let best = { cut: 0, error: Infinity };
  for (let cut = batches - 1; cut >= 0; cut -= 1) {
    // Welford's update, from the end.
    const value = means[cut] ?? 0;
    count += 1;
    const from = value - mean;
    mean += from / count;
    squares += from * (value - mean);
    const error = squares / (count * count);
    if (cut <= cutAtMostShare * batches && error <= best.error) best = { cut, error };
  }
  return best.cut * batchSize;
}
