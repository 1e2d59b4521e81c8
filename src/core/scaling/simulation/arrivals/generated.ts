import { seededRandom, type Random } from '../../../statistics/random.ts';
import type { Arrivals } from '../world.ts';
import { drawExponential, makeSizeDrawer, type RequestSize } from './request-size.ts';
import { workFactorAt, type MixShift } from './mix-shift.ts';

/** What all generated arrivals are told. The same seed gives the same arrivals, each time that they begin. */
export interface GeneratedArrivals {
  readonly forMs: number;
  readonly seed: number;
  readonly size: RequestSize;
  /** Absent: requests are of the same mix all the time. */
  readonly mix?: readonly MixShift[];
}

/**
 * Times and sizes are drawn from generators of their own, so that another distribution of sizes leaves the times alone. A shift of
 * the mix multiplies what was drawn.
 */
export function generate(
  { forMs, seed, size, mix = [] }: GeneratedArrivals,
  times: (random: Random, forMs: number) => Iterable<number>,
): Arrivals {
  return function* () {
    const drawSize = makeSizeDrawer(size, seededRandom(seed ^ 0x9e3779b9));
    for (const atMs of times(seededRandom(seed), forMs)) {
      yield { atMs, workMs: drawSize() * workFactorAt(mix, atMs) };
    }
  };
}

/** One request each `1 / rate`, the first at once. */
export function makeConstant(ratePerSecond: number, generated: GeneratedArrivals): Arrivals {
  return generate(generated, function* (_, forMs) {
    // Multiplied and not summed, so that rounding does not add up.
    for (let index = 0, atMs = 0; atMs < forMs; atMs = (index * 1_000) / ratePerSecond) {
      yield atMs;
      index += 1;
    }
  });
}

/** Independent users without number: exponential gaps. */
export function makePoisson(ratePerSecond: number, generated: GeneratedArrivals): Arrivals {
  return makeVarying({ greatestPerSecond: ratePerSecond, perSecondAt: () => ratePerSecond }, generated);
}

export interface VaryingRate {
  readonly greatestPerSecond: number;
  /** @param atMs since the beginning. At most the greatest. */
  readonly perSecondAt: (atMs: number) => number;
}

/** Poisson arrivals whose rate changes with time, by thinning those of the greatest rate (Lewis and Shedler 1979). */
export function makeVarying({ greatestPerSecond, perSecondAt }: VaryingRate, generated: GeneratedArrivals): Arrivals {
  return generate(generated, function* (random, forMs) {
    const meanGapMs = 1_000 / greatestPerSecond;
    for (let atMs = drawExponential(random, meanGapMs); atMs < forMs; atMs += drawExponential(random, meanGapMs)) {
      if (random.nextShare() * greatestPerSecond < perSecondAt(atMs)) yield atMs;
    }
  });
}
