import { axisTop } from '../parts/axis-top.ts';
import { type Measure, unitAmounts } from './measure.ts';
import type { CostBar } from './series.ts';
import type { CostRange } from './question.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `14:00` of an hour, `3 Nov` of a day; in UTC, as the account has them. */
export function barName(startMs: number, last: CostRange): string {
  const at = new Date(startMs);
  return last === '24h' ? `${twoDigits(at.getUTCHours())}:00` : `${at.getUTCDate()} ${months[at.getUTCMonth()] ?? ''}`;
}

/** `14:00 to 15:00 UTC`, `3 Nov UTC`. */
export function barWords(startMs: number, last: CostRange): string {
  if (last === '30d') return `${barName(startMs, last)} UTC`;
  return `${barName(startMs, last)} to ${barName(startMs + 3_600_000, last)} UTC`;
}

/** Places of the bars that have a name below them: each sixth hour, each seventh day from the last one back. */
export function namedBars(bars: readonly CostBar[], last: CostRange): readonly number[] {
  return bars.flatMap(({ startMs }, index) => {
    const isNamed = last === '24h' ? new Date(startMs).getUTCHours() % 6 === 0 : (bars.length - 1 - index) % 7 === 3;
    return isNamed ? [index] : [];
  });
}

/** The top of the axis, in the unit of amounts: a little above the tallest bar. */
export function amountTop(bars: readonly CostBar[], { kind }: Measure): number {
  const unit = unitAmounts[kind];
  const tallest = Math.max(...bars.map(({ total }) => total));
  return tallest <= 0 ? unit : axisTop(tallest / unit) * unit;
}
