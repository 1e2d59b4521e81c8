import type { SliceChoice } from '../service-options.ts';
import { findCheapestCover } from './cheapest-cover.ts';
import { maximizeExactly } from './exact-simplex.ts';

/** A price for an instance of each profile, in GPUs: `numerators[i] / denominator`. No layout of a GPU costs more than 1. */
export interface InstancePrices {
  readonly numerators: readonly bigint[];
  readonly denominator: bigint;
}

/** More rounds than this are not made; the best prices so far stand. */
const roundsAtMost = 300;

/**
 * Returns prices at which the cheapest instances of all services together cost as many GPUs as possible. Whatever the
 * services use costs at least that, and a GPU sells for at most 1, so that the sum is a lower bound of GPUs
 * (the dual of Gilmore and Gomory's column generation, 1961, with a cover of each service as a column).
 *
 * Each round asks for the best prices against the covers seen so far, and adds the covers that are cheapest at these
 * prices (Kelley 1960). It ends when they cost what was promised: the prices are then optimal, exactly.
 */
export function findInstancePrices(choice: SliceChoice): InstancePrices {
  const { layouts, profiles, services } = choice;
  const width = profiles.length;
  const gains = [...profiles.map(() => 0n), 1n];
  const layoutRows = layouts.map(({ counts }) => [...counts.map(BigInt), 0n]);
  const coverRows: bigint[][] = [];
  // Shares of the largest instance, by compute slices; only the covers that are cheapest at them are used.
  let prices: InstancePrices = { numerators: choice.computeSlices.map(BigInt), denominator: 1n };
  let best: { readonly prices: InstancePrices; readonly value: bigint } | null = null;
  let promised: bigint | null = null;
  for (let round = 0; round < roundsAtMost; round += 1) {
    const covers = services.map((service) => findCheapestCover(service, prices.numerators));
    if (promised !== null) {
      const value = covers.reduce((sum, { costAtLeast }) => sum + costAtLeast, 0n);
      if (best === null || value * best.prices.denominator > best.value * prices.denominator) best = { prices, value };
      if (value === promised) break;
    }
    const total = profiles.map((_, profile) => covers.reduce((sum, { counts }) => sum + (counts[profile] ?? 0), 0));
    const row = [...total.map((count) => -BigInt(count)), 1n];
    if (coverRows.some((other) => other.join() === row.join())) break;
    coverRows.push(row);
    const limits = [...layoutRows.map(() => 1n), ...coverRows.map(() => 0n)];
    const optimum = maximizeExactly(gains, [...layoutRows, ...coverRows], limits);
    if (optimum === null) break;
    prices = { numerators: optimum.values.slice(0, width), denominator: optimum.denominator };
    promised = optimum.objective;
  }
  return best?.prices ?? { numerators: profiles.map(() => 0n), denominator: 1n };
}
