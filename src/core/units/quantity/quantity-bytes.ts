import { splitNumber, unreadable, type Quantity } from './quantity.ts';

export const bytesForm = 'a size such as `20GiB` or `20Gi` (2^30), or `20GB` (10^9)';

const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  // As Kubernetes writes them: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes. Decimal (kB, MB, GB, TB) and binary (KiB, MiB, GiB, TiB, or Ki, Mi, Gi, Ti) units are different numbers, so a bare G is refused. */
export function readBytes(text: string): Quantity<number> {
  const parts = splitNumber(text);
  if (parts === null) return unreadable(bytesForm);
  const { number, unit } = parts;
  if (unit === '') return unreadable(bytesForm, `a unit is missing: write \`${number}GiB\` for 2^30 bytes each`);
  const factor = Object.hasOwn(unitBytes, unit) ? unitBytes[unit] : undefined;
  if (factor !== undefined) return wholeBytes(Number(number) * factor);
  const letter = /^[kmgt]/i.exec(unit)?.[0]?.toUpperCase();
  if (letter === undefined) return unreadable(bytesForm);
  const decimal = letter === 'K' ? 'kB' : `${letter}B`;
  return unreadable(bytesForm, `write \`${number}${letter}iB\` or \`${number}${decimal}\`, which differ`);
}

function wholeBytes(bytes: number): Quantity<number> {
  if (!Number.isSafeInteger(Math.round(bytes))) return unreadable(bytesForm, 'that is more than 2^53 bytes');
  return { ok: true, value: Math.round(bytes) };
}

/** `20GiB`, `1.5MiB`, `512B`: binary units, at most one decimal. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))}${units[unit]}`;
}
