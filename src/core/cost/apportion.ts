/**
 * Returns whole numbers that add up to `total`, each within 1 of its exact part `total * weight / sum of weights`: the largest
 * remainder method (Hamilton 1791). Equal remainders are settled by the smaller key. The result has the order of `parts`.
 *
 * Products beyond 2^53 are taken in BigInt, so that no digit is lost.
 *
 * Worked: 10 over a: 1, b: 1, c: 1 gives 4, 3, 3.
 *
 * @param total a whole number; negative totals are split as their positive, with the sign set afterwards.
 * @param parts weights are whole numbers of 0 or more. Where all are 0, the smallest key gets the whole.
 */
export function apportion(
  total: number,
  parts: readonly { readonly key: string; readonly weight: number }[],
): readonly number[] {
  if (parts.length === 0) return [];
  if (total < 0) return apportion(-total, parts).map((part) => (part === 0 ? 0 : -part));
  const sum = parts.reduce((all, { weight }) => all + weight, 0);
  if (sum === 0) {
    const first = parts.reduce((least, { key }) => (key < least ? key : least), parts[0]?.key ?? '');
    const at = parts.findIndex(({ key }) => key === first);
    return parts.map((_, index) => (index === at ? total : 0));
  }
  // One part with a weight gets all: most busy time is for answers alone.
  if (parts.some(({ weight }) => weight === sum)) return parts.map(({ weight }) => (weight === sum ? total : 0));
  const split = parts.map(({ weight }) => divide(total, weight, sum));
  const left = total - split.reduce((all, { whole }) => all + whole, 0);
  const order = split
    .map(({ rest }, index) => ({ rest, index, key: parts[index]?.key ?? '' }))
    .sort((a, b) => b.rest - a.rest || (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index));
  const raised = new Set(order.slice(0, left).map(({ index }) => index));
  return split.map(({ whole }, index) => whole + (raised.has(index) ? 1 : 0));
}

/** `total * weight / sum` as whole and remainder (of `sum`). */
function divide(total: number, weight: number, sum: number): { readonly whole: number; readonly rest: number } {
  const product = total * weight;
  if (product <= Number.MAX_SAFE_INTEGER) return { whole: Math.floor(product / sum), rest: product % sum };
  const [exact, divisor] = [BigInt(total) * BigInt(weight), BigInt(sum)];
  return { whole: Number(exact / divisor), rest: Number(exact % divisor) };
}

/**
 * Returns the part of `amount` that falls on the offsets `from` to `to` of a span that is `length` long, where the amount is
 * spread evenly over the span. Each part is rounded down at its two ends, so that the parts of any cut add up to `amount`.
 *
 * Worked: 10 over a span of 3, cut at 1 and 2: 3, 3, 4.
 */
export function spreadPart(amount: number, length: number, from: number, to: number): number {
  return scaledDown(amount, to, length) - scaledDown(amount, from, length);
}

/** `amount * part / length`, rounded down. */
export function scaledDown(amount: number, part: number, length: number): number {
  return length === 0 ? 0 : divide(amount, part, length).whole;
}
