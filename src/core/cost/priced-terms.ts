import { digestOf, type Digest } from '../units/digest.ts';

/** The file that `cost.prices` names. */
export interface Prices {
  /** ISO 4217, three capital letters. */
  readonly currency: string;
  /** Of one accelerator-second (of a replica without one: of a second), by digest of a device class, or `default`. */
  readonly acceleratorSecond: Readonly<Record<string, number>>;
  /** What one late request costs; null where the file does not say. */
  readonly lateRequest: number | null;
}

const defaultClass = 'default';
/** The dearest of the classes, the default for those that have no price of their own; null where none has. */
export function acceleratorSecondOf({ acceleratorSecond }: Prices, classes: readonly string[]): number | null {
  const fallback = acceleratorSecond[defaultClass];
  const found = classes.map((each) => acceleratorSecond[each] ?? fallback);
  const known = (classes.length === 0 ? [fallback] : found).filter((each) => each !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}

export interface PricedTerms {
  readonly acceleratorSecondPrice: number;
  readonly lateRequestPrice: number;
}

/**
 * What a policy is told. Where no price is stated, or one of 0, an accelerator-second costs 1; where none of a late request
 * is, the objective says how many there may be, and nothing is paid for fewer.
 */
export function pricedTerms(prices: Prices | null, classes: readonly string[]): PricedTerms {
  const acceleratorSecond = prices === null ? null : acceleratorSecondOf(prices, classes);
  return {
    acceleratorSecondPrice: acceleratorSecond !== null && acceleratorSecond > 0 ? acceleratorSecond : 1,
    lateRequestPrice: prices?.lateRequest ?? 0,
  };
}

/** What prices say, by key and in text: `prices.accelerators.default` is `2.50/h`. Equal prices have equal texts. */
export function priceTexts({ currency, acceleratorSecond, lateRequest }: Prices): Readonly<Record<string, string>> {
  const accelerators = Object.entries(acceleratorSecond).map(([name, price]) => [name, priceText(price)] as const);
  return {
    'prices.currency': currency,
    ...Object.fromEntries(accelerators.map(([name, text]) => [`prices.accelerators.${name}`, text])),
    ...(lateRequest === null ? {} : { 'prices.lateRequest': amountText(lateRequest) }),
  };
}

/** Digest of what prices say, whatever file or record says it. */
export const pricesDigest = (prices: Prices): Digest => digestOf(priceTexts(prices));

/** An amount per second as one per hour: `2.50/h`. */
export const priceText = (acceleratorSecond: number): string => `${amountText(acceleratorSecond * 3_600)}/h`;

/** Twelve digits: `1/3600` of an amount, times 3600, is that amount again. */
function amountText(amount: number): string {
  const short = String(Number(amount.toPrecision(12)));
  return /^\d+(\.\d)?$/.test(short) ? Number(short).toFixed(2) : short;
}
