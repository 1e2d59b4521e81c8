import type { MigBoard } from '../../../hardware/tables/mig-profiles.ts';
import type { SlicedService } from '../operating-points.ts';
import { makeSliceChoice, type ServiceOptions, type SliceChoice } from '../service-options.ts';
import { findCheapestCover } from './cheapest-cover.ts';
import type { InstancePrices } from './find-prices.ts';

/**
 * A lower bound of GPUs that anybody can check without a solver. All numbers are exact.
 *
 * 1. No layout of a GPU costs more than 1 at these prices.
 * 2. Whatever instances carry the rate of a service cost at least its share.
 * 3. So the services need at least the sum of the shares in GPUs, rounded up.
 *
 * Worked: with 1g at 1/7 and 2g at 2/7 of a GPU, a service that needs two 1g or one 2g has the share 2/7. Four of them need
 * 8/7, and therefore 2 GPUs.
 */
export interface SliceBound {
  readonly gpus: number;
  /** Common denominator of prices and shares. */
  readonly denominator: bigint;
  readonly prices: readonly { readonly profile: string; readonly numerator: bigint }[];
  readonly shares: readonly { readonly service: string; readonly numerator: bigint }[];
}

/** Returns the bound that these prices prove. */
export function makeSliceBound(choice: SliceChoice, prices: InstancePrices): SliceBound {
  const { numerators, denominator } = prices;
  const shares = choice.services.map((service) => ({
    service: service.id,
    numerator: findCheapestCover(service, numerators).costAtLeast,
  }));
  return {
    gpus: roundUp(sumShares(shares), denominator),
    denominator,
    prices: choice.profiles.map(({ profile }, index) => ({ profile, numerator: numerators[index] ?? 0n })),
    shares,
  };
}

/** Sum of the shares, over the bound's denominator. */
export function sumShares(shares: SliceBound['shares']): bigint {
  return shares.reduce((sum, { numerator }) => sum + numerator, 0n);
}

const roundUp = (numerator: bigint, denominator: bigint): number =>
  Number((numerator + denominator - 1n) / denominator);

/** A check that looks at more sets of instances than this gives up. */
const stepsAtMost = 5_000_000;

/**
 * Returns what is wrong with a bound; null when it holds. It is derived again from the services and the board's table, and
 * shares no code with the search for prices.
 */
export function findBoundError(services: readonly SlicedService[], board: MigBoard, bound: SliceBound): string | null {
  const { profiles, layouts, services: options } = makeSliceChoice(services, board);
  const { denominator } = bound;
  if (denominator <= 0n) return 'The denominator is not above 0.';
  const prices = profiles.map(({ profile }) => bound.prices.find((price) => price.profile === profile)?.numerator);
  if (prices.some((price) => price === undefined || price < 0n)) return 'A profile has no price, or one below 0.';
  const known = prices.map((price) => price ?? 0n);
  for (const { counts } of layouts) {
    const cost = counts.reduce((sum, count, index) => sum + BigInt(count) * (known[index] ?? 0n), 0n);
    if (cost > denominator) return `A layout of ${counts.join(' ')} instances costs more than one GPU.`;
  }
  for (const service of options) {
    const share = bound.shares.find((each) => each.service === service.id);
    if (share === undefined || bound.shares.filter((each) => each.service === service.id).length > 1) {
      return `${service.id} does not have one share.`;
    }
    const error = findShareError(service, known, share.numerator);
    if (error !== null) return error;
  }
  if (bound.shares.length !== options.length) return 'A share belongs to no service.';
  const gpus = roundUp(sumShares(bound.shares), denominator);
  return gpus === bound.gpus ? null : `The shares prove ${gpus} GPUs, and the bound says ${bound.gpus}.`;
}

/**
 * Tries every set of instances that costs less than the share; one that carries the rate refutes the share. Profiles go from
 * the cheapest per request on. Left out are sets whose money cannot carry what is left at the price of the next profile.
 */
function findShareError(service: ServiceOptions, prices: readonly bigint[], share: bigint): string | null {
  const options = service.carriedMillionths
    .map((carried, profile) => ({ carried: BigInt(carried), price: prices[profile] ?? 0n }))
    .filter(({ carried }) => carried > 0n)
    .sort((a, b) => Number(a.price) / Number(a.carried) - Number(b.price) / Number(b.carried));
  let steps = 0;
  /** Whether so much money carries what is left. Prices are whole numbers, so that "less than the share" is the share less 1. */
  const canCarry = (index: number, left: bigint, money: bigint): boolean => {
    steps += 1;
    if (left <= 0n) return true;
    if (steps > stepsAtMost) return false;
    const rest = options.slice(index);
    if (rest.every(({ carried, price }) => money * carried < left * price)) return false;
    const [option] = rest;
    if (option === undefined) return false;
    const most = (left + option.carried - 1n) / option.carried;
    const affordable = option.price === 0n ? most : money / option.price;
    for (let count = affordable < most ? affordable : most; count >= 0n; count -= 1n) {
      if (canCarry(index + 1, left - count * option.carried, money - count * option.price)) return true;
      if (steps > stepsAtMost) return false;
    }
    return false;
  };
  if (share > 0n && canCarry(0, BigInt(service.rateMillionths), share - 1n)) {
    return `${service.id} can be carried for less than its share.`;
  }
  return steps > stepsAtMost ? `The share of ${service.id} takes too long to check.` : null;
}
