/**
 * Milliseconds before the next try after `failures` of them in a row: `base * 2^(failures - 1)`, capped, of which a random
 * half is taken off so that many gateways do not return at the same instant. `random` is uniform in [0, 1).
 * Worked: base 100, cap 5000, the third failure: 400 ms less up to 200.
 */
export function backoffMs(failures: number, baseMs: number, capMs: number, random: number): number {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return full - (full / 2) * random;
}
