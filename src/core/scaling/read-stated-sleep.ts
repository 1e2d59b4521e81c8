import { readDuration } from '../units/quantity/quantity-duration.ts';
import { readPercent } from '../units/quantity/quantity-percent.ts';
import { unreadable, type Quantity } from '../units/quantity/quantity.ts';
import type { SleepTerms } from './policy.ts';

export const statedSleepForm =
  'how many may sleep, how long one takes to wake and what it costs meanwhile, as `2,wake=3s,price=10%`';
const replicasAtMost = 10_000;

/**
 * Replicas that may sleep, stated and not measured: `2,wake=3s,price=10%`. `price` is the share of an accelerator-second that a second
 * of sleep costs: 0% where whatever it would cost is paid anyhow, 100% where a sleeping replica keeps the whole accelerator.
 */
export function readStatedSleep(text: string): Quantity<SleepTerms> {
  const [count = '', ...rest] = text.split(',').map((part) => part.trim());
  const replicas = /^\d{1,5}$/.test(count) ? Number(count) : 0;
  if (replicas < 1 || replicas > replicasAtMost) {
    return unreadable(statedSleepForm, `it begins with a whole number from 1 to ${replicasAtMost}`);
  }
  const stated = new Map(rest.map((part) => [part.split('=')[0] ?? '', part.slice(part.indexOf('=') + 1)]));
  const unknown = [...stated.keys()].find((key) => key !== 'wake' && key !== 'price');
  if (unknown !== undefined || stated.size !== rest.length) {
    return unreadable(
      statedSleepForm,
      unknown === undefined ? 'a key is given twice' : `there is no key \`${unknown}\``,
    );
  }
  const [wake, price] = [readDuration(stated.get('wake') ?? ''), readPercent(stated.get('price') ?? '')];
  if (!wake.ok) return unreadable(statedSleepForm, `behind \`wake=\` stands ${wake.hint ?? wake.expected}`);
  if (!price.ok) return unreadable(statedSleepForm, `behind \`price=\` stands ${price.hint ?? price.expected}`);
  if (!(wake.value > 0)) return unreadable(statedSleepForm, 'waking takes longer than 0');
  return { ok: true, value: { replicas, wakeMs: wake.value, priceShare: price.value } };
}
