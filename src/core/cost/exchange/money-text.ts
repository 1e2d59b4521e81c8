/** Returns whole millionths as a decimal number with six digits after the point, exact: 1,500,000 is `1.500000`. */
export function moneyText(micros: number): string {
  const digits = String(Math.abs(micros)).padStart(7, '0');
  return `${micros < 0 ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

/** Returns money for people: two digits after the point, six below 1, so that little is not shown as nothing. */
export function shortMoneyText(micros: number): string {
  const isSmall = micros !== 0 && Math.abs(micros) < 1_000_000;
  return isSmall ? moneyText(Math.round(micros)) : (micros / 1_000_000).toFixed(2);
}

/**
 * Returns a decimal number as whole millionths; digits beyond the sixth round half away from zero. Null where the text is no
 * decimal number, or is beyond 2^53 millionths. `1.5e-3` and `12` are read.
 */
export function readMoney(text: string): number | null {
  const match = /^\s*([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?\s*$/.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', part = '', exponent = '0'] = match;
  const shift = 6 + Number(exponent) - part.length;
  const digits = BigInt(`${whole}${part}`);
  const micros = shift >= 0 ? digits * 10n ** BigInt(shift) : halfUp(digits, 10n ** BigInt(-shift));
  if (micros > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  return micros === 0n ? 0 : Number(sign === '-' ? -micros : micros);
}

const halfUp = (digits: bigint, divisor: bigint): bigint => (2n * digits + divisor) / (2n * divisor);
