import { readDuration } from '../../../units/quantity/quantity-duration.ts';
import { unreadable, type Quantity } from '../../../units/quantity/quantity.ts';

/** From `fromMs` on a request takes `factor` times the work that is drawn for it: the mix of requests has moved. */
export interface MixShift {
  readonly fromMs: number;
  readonly factor: number;
}

const form = 'times and factors of the work, as `(30m*2,1h*0.5)`';
const shiftsAtMost = 64;

/** Factor of the last shift at or before a moment; 1 before the first. Shifts in the order of their times. */
export function workFactorAt(mix: readonly MixShift[], atMs: number): number {
  let factor = 1;
  for (const shift of mix) {
    if (shift.fromMs > atMs) break;
    factor = shift.factor;
  }
  return factor;
}

/** `(30m*2,1h*0.5)`, or one shift without parentheses: times rise, factors are above 0. */
export function readMixShifts(text: string): Quantity<readonly MixShift[]> {
  const inside = /^\((.*)\)$/.exec(text.trim())?.[1] ?? text;
  const parts = inside.split(',');
  if (parts.length > shiftsAtMost) return unreadable(form, `at most ${shiftsAtMost} shifts`);
  const shifts: MixShift[] = [];
  for (const part of parts) {
    const [time = '', factorText = '', ...more] = part.split('*').map((piece) => piece.trim());
    const from = readDuration(time);
    const factor = /^\d{1,6}(?:\.\d{1,9})?$/.test(factorText) ? Number(factorText) : 0;
    if (more.length > 0 || !(factor > 0)) return unreadable(form, 'a factor is a number above 0');
    if (!from.ok) return unreadable(form, from.hint ?? from.expected);
    if (from.value <= (shifts.at(-1)?.fromMs ?? -1)) return unreadable(form, 'a shift is later than the one before');
    shifts.push({ fromMs: from.value, factor });
  }
  return { ok: true, value: shifts };
}
