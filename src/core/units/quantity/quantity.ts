/**
 * A quantity read from text that carries its unit. What cannot be read says what was expected, and where it can, what
 * to write instead; the caller adds the place.
 */
export type Quantity<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string; readonly hint?: string };

export function unreadable<T>(expected: string, hint?: string): Quantity<T> {
  return hint === undefined ? { ok: false, expected } : { ok: false, expected, hint };
}

/** Decimal number without sign or exponent, and the rest as the unit; null when it does not start with a number. */
export function splitNumber(text: string): { readonly number: string; readonly unit: string } | null {
  const match = /^(\d{1,15}(?:\.\d{1,15})?) ?(\S.*)?$/.exec(text.trim());
  return match === null ? null : { number: match[1] ?? '', unit: match[2] ?? '' };
}
