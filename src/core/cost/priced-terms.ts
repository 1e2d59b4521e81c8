import type { Contract } from '../contract/contract.ts';
import type { Digest } from '../units/digest.ts';

/** What a price book says to scaling at one time. */
export interface Prices {
  /** ISO 4217, three capital letters. */
  readonly currency: string;
  /** Of one accelerator-second (of a replica without one: of a second), by device class or its digest, or `default`. */
  readonly acceleratorSecond: Readonly<Record<string, number>>;
  /** Of one core for a second; null where the book has no price of cores. */
  readonly coreSecond: number | null;
  /** What one late request costs; null where the book does not say. */
  readonly lateRequest: number | null;
}

/** What a replica is made of, as far as it has a price. */
export interface PricedReplica {
  /** Digests of the device classes that it may run on. */
  readonly classes: readonly string[];
  /** Cores that a replica without an accelerator holds; null for one with an accelerator. */
  readonly cores: number | null;
}

/** Cores of a replica whose contract does not say how many. */
const coresByDefault = 1;

/** Returns what a replica of a contract is made of. */
export const pricedReplicaOf = (
  { hardware }: Pick<Contract, 'hardware'>,
  classes: readonly Digest[],
): PricedReplica => ({
  classes,
  cores: (hardware?.accelerator ?? 'cpu') === 'cpu' ? (hardware?.host?.cpus ?? coresByDefault) : null,
});

const defaultClass = 'default';

/**
 * Returns the price of a second of a replica.
 *
 * | replica | price |
 * |---|---|
 * | without an accelerator, and cores have a price | that of its cores |
 * | any other | the dearest of its classes, the default for those that have no price of their own; null where none has |
 */
export function acceleratorSecondOf(
  { acceleratorSecond, coreSecond }: Prices,
  { classes, cores }: PricedReplica,
): number | null {
  if (cores !== null && coreSecond !== null) return cores * coreSecond;
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
 * Returns what a policy is told. Where no price is stated, or one of 0, an accelerator-second costs 1; where none of a late
 * request is, the objective says how many there may be, and nothing is paid for fewer.
 */
export function pricedTerms(prices: Prices | null, replica: PricedReplica): PricedTerms {
  const acceleratorSecond = prices === null ? null : acceleratorSecondOf(prices, replica);
  return {
    acceleratorSecondPrice: acceleratorSecond !== null && acceleratorSecond > 0 ? acceleratorSecond : 1,
    lateRequestPrice: prices?.lateRequest ?? 0,
  };
}
