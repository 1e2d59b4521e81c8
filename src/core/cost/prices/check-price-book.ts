import type { PriceBook, Validity } from './price-book.ts';
import { dayText } from './price-texts.ts';

/** Something in a price book that cannot be used. */
export interface PriceProblem {
  /** Where in the book: `devices[2]`. */
  readonly where: string;
  readonly what: string;
  readonly next: string;
}

/**
 * Returns what is wrong with the prices of a book; empty: nothing.
 *
 * | checked | problem |
 * |---|---|
 * | prices of one class and purchase, in order of time | a time without a price between two of them, or two prices at one time |
 * | each entry | it ends before it begins |
 * | each amount | it is below zero; that of a commitment: no whole number of millionths |
 * | discounts | not between 0% and 100% |
 * | commitments | two of one id; no devices |
 */
export function checkPriceBook(book: PriceBook): readonly PriceProblem[] {
  const devices = book.devices.map((price, index) => ({ ...price, where: `devices[${index}]` }));
  const cores = book.cores.map((price, index) => ({ ...price, where: `cores[${index}]` }));
  const series = [
    ...Map.groupBy(devices, ({ deviceClass, purchase }) => `${deviceClass}, ${purchase}`),
    ...Map.groupBy(cores, ({ purchase }) => `cores, ${purchase}`),
  ];
  return [
    ...series.flatMap(([name, entries]) => checkSeries(name, entries)),
    ...[...devices, ...cores].flatMap(({ where, microsPerHour }) => checkAmount(where, microsPerHour)),
    ...devices.flatMap(({ where, memory }) =>
      memory === null ? [] : checkAmount(`${where}.memory`, memory.microsPerGbHour),
    ),
    ...book.discounts.flatMap((discount, index) => checkDiscount(`discounts[${index}]`, discount)),
    ...checkCommitments(book),
  ];
}

function checkSeries(
  name: string,
  entries: readonly (Validity & { readonly where: string })[],
): readonly PriceProblem[] {
  const ordered = [...entries].sort((a, b) => a.fromMs - b.fromMs);
  return ordered.flatMap(({ where, fromMs, untilMs }, index) => {
    const next = ordered[index + 1];
    if (untilMs !== null && untilMs <= fromMs) {
      return [
        problem(
          where,
          `the price of ${name} ends on ${dayText(untilMs)}, before it begins`,
          'write `until` after `from`',
        ),
      ];
    }
    if (next === undefined) return [];
    if (untilMs !== null && untilMs < next.fromMs) {
      const what = `${name} has no price from ${dayText(untilMs)} to ${dayText(next.fromMs)}`;
      return [problem(next.where, what, 'add a price for that time, or take `until` out of the one before')];
    }
    if (untilMs === null || untilMs > next.fromMs) {
      const what = `${name} has two prices from ${dayText(next.fromMs)} on`;
      return [problem(next.where, what, `write \`until: ${dayText(next.fromMs)}\` at ${where}`)];
    }
    return [];
  });
}

function checkAmount(where: string, micros: number): readonly PriceProblem[] {
  if (micros < 0)
    return [problem(where, `the price is ${micros / 1_000_000}, below zero`, 'write a price of 0 or more')];
  return [];
}

function checkWholeAmount(where: string, micros: number): readonly PriceProblem[] {
  if (micros < 0 || Number.isSafeInteger(micros)) return checkAmount(where, micros);
  return [problem(where, `the price is ${micros} millionths, no whole number`, 'write at most six decimals an hour')];
}

function checkDiscount(where: string, { basisPoints }: { readonly basisPoints: number }): readonly PriceProblem[] {
  if (Number.isInteger(basisPoints) && basisPoints >= 0 && basisPoints <= 10_000) return [];
  return [
    problem(where, `a discount of ${basisPoints / 100}% is not between 0% and 100%`, 'write it as `percent: 10`'),
  ];
}

function checkCommitments({ commitments }: PriceBook): readonly PriceProblem[] {
  const seen = new Set<string>();
  return commitments.flatMap(({ id, devices, fromMs, untilMs, upfrontMicros, microsPerHour }, index) => {
    const where = `commitments[${index}]`;
    const isTwice = seen.has(id);
    seen.add(id);
    return [
      ...(isTwice ? [problem(where, `two commitments are called ${id}`, 'give each an id of its own')] : []),
      ...(devices < 1
        ? [problem(where, `${id} is for ${devices} devices`, 'write the number of devices, 1 or more')]
        : []),
      ...(untilMs <= fromMs ? [problem(where, `${id} ends before it begins`, 'write `until` after `from`')] : []),
      ...checkWholeAmount(where, upfrontMicros),
      ...checkWholeAmount(where, microsPerHour),
    ];
  });
}

const problem = (where: string, what: string, next: string): PriceProblem => ({ where, what, next });
