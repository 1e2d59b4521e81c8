import { seededRandom } from '../../../statistics/random.ts';
import type { Arrivals } from '../world.ts';

/** How many requests came in a time of which nothing more is known. */
export interface CountedSpan {
  readonly spanMs: number;
  readonly requests: number;
}

/**
 * Returns as many arrivals as were counted, each at a random time of its span: Poisson arrivals, given their number. Spans follow
 * one another. The same seed gives the same arrivals, each time that they begin.
 */
export function makeCounted(
  spans: readonly CountedSpan[],
  { seed, workMs }: { readonly seed: number; readonly workMs: number },
): Arrivals {
  return function* () {
    const random = seededRandom(seed);
    let fromMs = 0;
    for (const { spanMs, requests } of spans) {
      const times = Float64Array.from({ length: requests }, () => fromMs + random.nextShare() * spanMs).sort();
      for (const atMs of times) yield { atMs, workMs };
      fromMs += spanMs;
    }
  };
}
