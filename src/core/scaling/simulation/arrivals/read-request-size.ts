import { readDuration } from '../../../units/quantity/quantity-duration.ts';
import { unreadable, type Quantity } from '../../../units/quantity/quantity.ts';
import type { RequestSize } from './request-size.ts';

const form = 'the size of a request such as `200ms`, `exp(200ms)`, `lognormal(200ms,2)`, or `1` as a factor';
const number = /^\d{1,9}(?:\.\d{1,9})?$/;

/** A duration, or a plain number as a factor on a batch; alone, or the mean of a distribution. */
export function readRequestSize(text: string): Quantity<RequestSize> {
  const match = /^(?:(constant|exp|exponential|lognormal) ?\(([^(),]+)(?:,([^(),]+))?\)|([^(),]+))$/.exec(text);
  if (match === null) return unreadable(form);
  const [, name = 'constant', inside, second, alone] = match;
  const mean = readMean((inside ?? alone ?? '').trim());
  if (!mean.ok) return unreadable(form, mean.hint);
  if (!(mean.value > 0)) return unreadable('a size above 0');
  if (name === 'lognormal') {
    const variation = second === undefined ? 1 : number.test(second.trim()) ? Number(second) : Number.NaN;
    if (!(variation > 0 && variation <= 100))
      return unreadable(form, 'the second is deviation over mean, above 0, at most 100');
    return { ok: true, value: { kind: 'lognormal', mean: mean.value, variation } };
  }
  if (second !== undefined) return unreadable(form, `\`${name}\` has one number, its mean`);
  return { ok: true, value: { kind: name === 'constant' ? 'constant' : 'exponential', mean: mean.value } };
}

function readMean(text: string): Quantity<number> {
  return number.test(text) ? { ok: true, value: Number(text) } : readDuration(text);
}
