import type { PriceBook, Validity } from '../../core/cost/prices/price-book.ts';
import { dayText, hourText } from '../../core/cost/prices/price-texts.ts';
import { isShortBook } from '../../core/cost/prices/short-prices.ts';

/** Returns a book as a file has it; in the short form where that says all of it. `readPriceBook` reads the same book of it. */
export function writtenPrices(book: PriceBook): Readonly<Record<string, unknown>> {
  const { currency, lateRequest } = book;
  const late = lateRequest === null ? {} : { lateRequest };
  if (isShortBook(book)) {
    const prices = book.devices.map(({ deviceClass, microsPerHour }) => [deviceClass, hourText(microsPerHour)]);
    return { currency, accelerators: Object.fromEntries(prices), ...late };
  }
  const { source, split, devices, cores, commitments, discounts, pools } = book;
  return {
    ...{ currency, source, split },
    ...list('devices', devices, ({ deviceClass, purchase, microsPerHour, memory, ...valid }) => ({
      ...{ class: deviceClass, purchase, price: hourText(microsPerHour) },
      ...(memory === null ? {} : { memory: { gb: memory.gb, price: hourText(memory.microsPerGbHour) } }),
      ...days(valid),
    })),
    ...list('cores', cores, ({ purchase, microsPerHour, ...valid }) => ({
      ...{ purchase, price: hourText(microsPerHour) },
      ...days(valid),
    })),
    ...list(
      'commitments',
      commitments,
      ({ id, deviceClass, devices: count, upfrontMicros, microsPerHour, ...valid }) => ({
        ...{ id, class: deviceClass, devices: count, ...days(valid) },
        ...{ upfront: upfrontMicros / 1_000_000, price: hourText(microsPerHour) },
      }),
    ),
    ...list('discounts', discounts, ({ deviceClass, basisPoints, ...valid }) => ({
      ...(deviceClass === null ? {} : { class: deviceClass }),
      ...{ percent: basisPoints / 100, ...days(valid) },
    })),
    ...(Object.keys(pools).length === 0 ? {} : { pools }),
    ...late,
  };
}

const list = <Entry>(key: string, entries: readonly Entry[], write: (entry: Entry) => object): object =>
  entries.length === 0 ? {} : { [key]: entries.map(write) };

const days = ({ fromMs, untilMs }: Validity): object => ({
  from: dayText(fromMs),
  ...(untilMs === null ? {} : { until: dayText(untilMs) }),
});
