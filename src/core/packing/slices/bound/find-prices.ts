import type { SliceChoice } from '../service-options.ts';
import { findCheapestCover, type CheapestCover } from './cheapest-cover.ts';
import { maximizeExactly, type ExactOptimum } from './exact-simplex.ts';

/** A price for an instance of each profile, in GPUs: `numerators[i] / denominator`. No layout of a GPU costs more than 1. */
export interface InstancePrices {
  readonly numerators: readonly bigint[];
  readonly denominator: bigint;
}

/** Instances of each profile, by service, in the best plan that may use fractions. Whole plans are searched near it. */
export type FractionalCounts = readonly (readonly number[])[];

/** More rounds than this are not made; the best prices so far stand. */
const roundsAtMost = 300;

interface Round {
  readonly covers: readonly CheapestCover[];
  /** Instances of each profile of all services together. */
  readonly counts: readonly number[];
}

/**
 * Returns prices at which the cheapest instances of all services together cost as many GPUs as possible. Whatever the
 * services use costs at least that, and a GPU sells for at most 1, so that the sum is a lower bound of GPUs
 * (the dual of Gilmore and Gomory's column generation, 1961, with a cover of each service as a column).
 *
 * Each round asks for the best prices against the covers seen so far, and adds the covers that are cheapest at these
 * prices (Kelley 1960). It ends when they cost what was promised: the prices are then optimal, exactly. The fractional
 * counts are the solution of the dual program.
 */
export function findInstancePrices(choice: SliceChoice): {
  readonly prices: InstancePrices;
  readonly fractional: FractionalCounts;
} {
  const rounds: Round[] = [];
  // The first covers are those that are cheapest in compute slices.
  let optimum = maximizeOver(choice, [makeRound(choice, choice.computeSlices.map(BigInt), rounds)]);
  let best: { readonly prices: InstancePrices; readonly value: bigint } | null = null;
  while (optimum !== null && rounds.length < roundsAtMost) {
    const prices = { numerators: optimum.values.slice(0, -1), denominator: optimum.denominator };
    const seen = new Set(rounds.map(({ counts }) => counts.join()));
    const round = makeRound(choice, prices.numerators, rounds);
    const value = round.covers.reduce((sum, { costAtLeast }) => sum + costAtLeast, 0n);
    if (best === null || value * best.prices.denominator > best.value * prices.denominator) best = { prices, value };
    if (value === optimum.objective || seen.has(round.counts.join())) break;
    optimum = maximizeOver(choice, rounds);
  }
  const none = { numerators: choice.profiles.map(() => 0n), denominator: 1n };
  return { prices: reduce(best?.prices ?? none), fractional: makeFractionalCounts(choice, rounds, optimum) };
}

function makeRound(choice: SliceChoice, prices: readonly bigint[], rounds: Round[]): Round {
  const covers = choice.services.map((service) => findCheapestCover(service, prices));
  const counts = choice.profiles.map((_, at) => covers.reduce((sum, cover) => sum + (cover.counts[at] ?? 0), 0));
  const round = { covers, counts };
  rounds.push(round);
  return round;
}

/** Variables are the prices and, last, what all services cost: at most the cost of the covers of each round. */
function maximizeOver({ layouts, profiles }: SliceChoice, rounds: readonly Round[]): ExactOptimum | null {
  return maximizeExactly(
    [...profiles.map(() => 0n), 1n],
    [
      ...layouts.map(({ counts }) => [...counts.map(BigInt), 0n]),
      ...rounds.map(({ counts }) => [...counts.map((count) => -BigInt(count)), 1n]),
    ],
    [...layouts.map(() => 1n), ...rounds.map(() => 0n)],
  );
}

/** Each service has its covers of all rounds, in the shares that the dual solution gives to the rounds. */
function makeFractionalCounts(
  { layouts, profiles, services }: SliceChoice,
  rounds: readonly Round[],
  optimum: ExactOptimum | null,
): FractionalCounts {
  const weights = rounds.map((_, round) =>
    divide(optimum?.rowPrices[layouts.length + round] ?? 0n, optimum?.denominator ?? 1n),
  );
  return services.map((_, service) =>
    profiles.map((__, profile) =>
      rounds.reduce(
        (sum, { covers }, round) => sum + (weights[round] ?? 0) * (covers[service]?.counts[profile] ?? 0),
        0,
      ),
    ),
  );
}

/** A quotient as a double, to nine decimals; numerators may be larger than doubles are. */
const divide = (numerator: bigint, denominator: bigint): number =>
  Number((numerator * 1_000_000_000n) / denominator) / 1e9;

function reduce({ numerators, denominator }: InstancePrices): InstancePrices {
  const divisor = numerators.reduce(findDivisor, denominator);
  return { numerators: numerators.map((each) => each / divisor), denominator: denominator / divisor };
}

/** Greatest common divisor (Euclid). */
const findDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : findDivisor(b, a % b));
