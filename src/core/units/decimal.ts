/**
 * Decimal digits as the nearest double, exactly as JSON.parse rounds, without making a string of them.
 *
 * A number is `digits * 10^-scale`, its digits in two parts: the first 15 (exact in a double), then up to 4 more.
 */

/** Powers of ten as the unevaluated sum of two doubles; the second part is 0 up to 10^22. */
const powerHigh = Float64Array.from({ length: 41 }, (_, exponent) => Number(10n ** BigInt(exponent)));
const powerLow = Float64Array.from(powerHigh, (high, exponent) => Number(10n ** BigInt(exponent) - BigInt(high)));

const maxScale = powerHigh.length - 1;
const exactPowers = 22;

/**
 * @param first the first digits as a whole number below 10^15
 * @param more up to 4 further digits as a whole number; 0 when there are none
 * @param moreCount how many those are
 * @param scale decimals less the exponent; negative for numbers such as 5e3
 * @returns the correctly rounded double, or NaN when this method cannot promise it
 */
export function doubleOfDecimal(first: number, more: number, moreCount: number, scale: number): number {
  if (moreCount === 0 && scale <= exactPowers && scale >= -exactPowers) {
    // Both operands are exact, so one division or multiplication rounds correctly (Clinger 1990).
    return scale >= 0 ? first / (powerHigh[scale] ?? NaN) : first * (powerHigh[-scale] ?? NaN);
  }
  if (scale < 0 || scale > maxScale || moreCount > 4) return NaN;
  return divide(first, more, powerHigh[moreCount] ?? NaN, scale);
}

/**
 * (first * factor + more) / 10^scale in twice the precision of a double (Dekker 1971). The quotient q and its
 * correction c are off by less than q * 2^-100; when both ends of that interval round to the same double, so does
 * the exact quotient in between, because rounding is monotone. Otherwise (about once in 2^45) NaN.
 */
function divide(first: number, more: number, factor: number, scale: number): number {
  const product = first * factor;
  const low = productError(first, factor, product) + more;
  const high = product + low;
  const rest = low - (high - product);
  const divisor = powerHigh[scale] ?? NaN;
  const quotient = high / divisor;
  const back = quotient * divisor;
  const remainder = high - back - productError(quotient, divisor, back) + (rest - quotient * (powerLow[scale] ?? NaN));
  const correction = remainder / divisor;
  const slack = quotient * 2 ** -100;
  const rounded = quotient + (correction + slack);
  return rounded === quotient + (correction - slack) ? rounded : NaN;
}

/** a * b - product, exactly. */
function productError(a: number, b: number, product: number): number {
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** The upper 26 bits of a double's 53 (Veltkamp). */
function upperHalf(value: number): number {
  const shifted = value * 134217729;
  return shifted - (shifted - value);
}
