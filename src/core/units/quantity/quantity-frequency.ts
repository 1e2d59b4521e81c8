import { nearest } from '../nearest.ts';
import { splitNumber, unreadable, type Quantity } from './quantity.ts';

export const frequencyForm = 'a rate such as `20/s`, `90/m` or `1000/h`';

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** How often, per second: `20/s`, `90/m` (a minute), `1000/h`, `5/d`. */
export function readFrequency(text: string): Quantity<number> {
  const parts = splitNumber(text);
  if (parts === null) return unreadable(frequencyForm);
  const unit = /^\/ ?(\S+)$/.exec(parts.unit)?.[1];
  if (unit === undefined)
    return unreadable(frequencyForm, `the time is missing: write \`${parts.number}/s\` for a second`);
  const seconds = Object.hasOwn(unitSeconds, unit) ? unitSeconds[unit] : undefined;
  if (seconds !== undefined) return { ok: true, value: Number(parts.number) / seconds };
  const meant = nearest(unit, Object.keys(unitSeconds));
  return unreadable(frequencyForm, meant === null ? undefined : `did you mean \`${parts.number}/${meant}\`?`);
}
