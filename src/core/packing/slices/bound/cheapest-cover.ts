import type { ServiceOptions } from '../service-options.ts';

/** Instances of each profile that carry the rate of a service together, and what they cost at given prices. */
export interface CheapestCover {
  readonly counts: readonly number[];
  readonly cost: bigint;
  /** No cover costs less than this. Equal to `cost` unless the search was cut short. */
  readonly costAtLeast: bigint;
}

/** A search that looks at more sets of instances than this is cut short. */
const stepsAtMost = 200_000;

/**
 * Returns the cheapest instances that carry the rate of a service, at a price for an instance of each profile.
 *
 * Options are tried from the cheapest per request on. What is left to carry costs at least the price per request of the
 * next option, so that most sets are never looked at (Horowitz and Sahni 1974, for a cover instead of a knapsack).
 */
export function findCheapestCover(service: ServiceOptions, prices: readonly bigint[]): CheapestCover {
  const options = orderOptions(service, prices);
  const [first] = options;
  if (first === undefined) return { counts: service.carriedMillionths.map(() => 0), cost: 0n, costAtLeast: 0n };
  const alone = Math.ceil(service.rateMillionths / first.carried);
  let best: Taken = { cost: BigInt(alone) * first.price, counts: [alone] };
  let steps = 0;
  const search = (index: number, left: number, taken: Taken): void => {
    const option = options[index];
    if (option === undefined) return;
    const next = options[index + 1];
    for (let count = Math.ceil(left / option.carried); count >= 0; count -= 1) {
      steps += 1;
      if (steps > stepsAtMost) return;
      const rest = left - count * option.carried;
      const more = { cost: taken.cost + BigInt(count) * option.price, counts: [...taken.counts, count] };
      if (rest <= 0) {
        if (more.cost < best.cost) best = more;
        continue;
      }
      // With fewer of this option the least cost only grows: the next one costs more per request.
      if (next === undefined || more.cost + leastCost(rest, next) >= best.cost) break;
      search(index + 1, rest, more);
    }
  };
  search(0, service.rateMillionths, { cost: 0n, counts: [] });
  const counts = service.carriedMillionths.map((_, profile) => {
    const index = options.findIndex((option) => option.profile === profile);
    return best.counts[index] ?? 0;
  });
  const costAtLeast = steps > stepsAtMost ? leastCost(service.rateMillionths, first) : best.cost;
  return { counts, cost: best.cost, costAtLeast };
}

/** What was taken so far of the options, in their order. */
interface Taken {
  readonly cost: bigint;
  readonly counts: readonly number[];
}

/** An option with its price for one instance. */
export interface PricedOption {
  readonly profile: number;
  readonly carried: number;
  readonly price: bigint;
}

/** The options of a service from the cheapest per request to the dearest. */
export function orderOptions(service: ServiceOptions, prices: readonly bigint[]): readonly PricedOption[] {
  return service.carriedMillionths
    .map((carried, profile) => ({ profile, carried, price: prices[profile] ?? 0n }))
    .filter(({ carried }) => carried > 0)
    .sort((a, b) => {
      const difference = a.price * BigInt(b.carried) - b.price * BigInt(a.carried);
      return difference < 0n ? -1 : difference > 0n ? 1 : b.carried - a.carried;
    });
}

/** The least cost of so many requests where the option is the cheapest per request: its price times the share, rounded up. */
export function leastCost(millionths: number, { carried, price }: PricedOption): bigint {
  const divisor = BigInt(carried);
  return (BigInt(millionths) * price + divisor - 1n) / divisor;
}
