import { readDuration } from '../units/quantity/quantity-duration.ts';
import { readPercent } from '../units/quantity/quantity-percent.ts';
import { unreadable, type Quantity } from '../units/quantity/quantity.ts';
import type { StartDistribution } from './start-distribution.ts';
import { fixedStarts, lognormalStarts } from './stated-starts.ts';

export const statedStartForm = 'a start such as `40s` (its p95), `lognormal:30s,40s` (p50 and p95) or `fixed:40s`';

/** The median of a start of which only the p95 is stated. */
const medianShare = 0.75;

/**
 * A start that is stated and not measured.
 *
 * | text | starts |
 * |---|---|
 * | `40s` | lognormal with this p95, and the median at three quarters of it |
 * | `lognormal:30s,40s` | lognormal by its median and its p95 |
 * | `fixed:40s` | always the same |
 *
 * Each with `,fail=1%` behind it: the share of starts that never become ready.
 */
export function readStatedStart(text: string): Quantity<StartDistribution> {
  const [head = '', ...rest] = text.split(',').map((part) => part.trim());
  const failing = rest.at(-1)?.startsWith('fail=') === true ? rest.pop() : undefined;
  const failure = failing === undefined ? { ok: true as const, value: 0 } : readPercent(failing.slice('fail='.length));
  if (!failure.ok) return unreadable(statedStartForm, `behind \`fail=\` stands ${failure.expected}`);
  if (failure.value >= 1) return unreadable(statedStartForm, 'not every start can fail');
  const colon = head.indexOf(':');
  const kind = colon === -1 ? 'p95' : head.slice(0, colon);
  const times = [head.slice(colon + 1), ...rest].map((part) => readDuration(part));
  const wrong = times.find((time) => !time.ok);
  if (wrong !== undefined && !wrong.ok) return unreadable(statedStartForm, wrong.hint ?? wrong.expected);
  const [firstMs = 0, secondMs] = times.flatMap((time) => (time.ok ? [time.value] : []));
  if (!(firstMs > 0)) return unreadable(statedStartForm, 'a start takes longer than 0');
  switch (kind) {
    case 'p95':
      if (secondMs !== undefined) return unreadable(statedStartForm, `two times are \`lognormal:${text.trim()}\``);
      return { ok: true, value: lognormalStarts(medianShare * firstMs, firstMs, failure.value) };
    case 'fixed':
      if (secondMs !== undefined) return unreadable(statedStartForm, '`fixed:` has one time');
      return { ok: true, value: fixedStarts(firstMs, failure.value) };
    case 'lognormal':
      if (times.length !== 2 || secondMs === undefined || secondMs < firstMs) {
        return unreadable(statedStartForm, '`lognormal:` has two times, its p50 and a p95 that is not below it');
      }
      return { ok: true, value: lognormalStarts(firstMs, secondMs, failure.value) };
    default:
      return unreadable(statedStartForm, `there is no kind \`${kind}\``);
  }
}
