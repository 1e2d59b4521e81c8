const factors: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const quantityText = /^\+?(\d{1,19}(?:\.\d{1,19})?|\.\d{1,19})(?:([numkMGTPE]|[KMGTPE]i)|[eE](\+?-?\d{1,3}))?$/;

/**
 * A quantity as the Kubernetes API writes it (`16Gi`, `2113441000Ki`, `8`, `1e3`, `7910m`), as a whole number; null for
 * anything else, and for what does not fit.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function readKubernetesQuantity(given: unknown): number | null {
  if (typeof given === 'number') return wholeOf(given);
  const match = typeof given === 'string' ? quantityText.exec(given.trim()) : null;
  if (match === null) return null;
  const [, number = '', unit = '', exponent] = match;
  if (exponent !== undefined) return wholeOf(Number(number) * 10 ** Number(exponent));
  const small = { n: 1e9, u: 1e6, m: 1e3 }[unit];
  return wholeOf(small === undefined ? Number(number) * (factors[unit] ?? NaN) : Number(number) / small);
}

const wholeOf = (value: number): number | null => {
  const whole = Math.floor(value);
  return Number.isSafeInteger(whole) && whole >= 0 ? whole : null;
};
