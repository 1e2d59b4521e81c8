import type { Arrivals } from '../world.ts';
import { generate, type GeneratedArrivals } from './generated.ts';
import { drawExponential } from './request-size.ts';

export interface BurstState {
  readonly name: string;
  /** 0 for silence. */
  readonly ratePerSecond: number;
  /** Mean of how long it lasts, exponentially distributed, milliseconds. */
  readonly meanMs: number;
}

/**
 * Poisson arrivals whose rate is that of a hidden state: it begins in the first, stays for an exponential time, and goes on to any
 * of the others alike (a Markov-modulated Poisson process: Fischer and Meier-Hellstern 1993).
 */
export function makeBursts(states: readonly BurstState[], generated: GeneratedArrivals): Arrivals {
  return generate(generated, function* (random, forMs) {
    let index = 0;
    for (let fromMs = 0; fromMs < forMs;) {
      const { ratePerSecond, meanMs } = states[index] as BurstState;
      const untilMs = Math.min(forMs, fromMs + drawExponential(random, meanMs));
      const meanGapMs = 1_000 / ratePerSecond;
      // Without memory, so that the gap which the end of a state cuts off needs no carrying over.
      for (let atMs = fromMs; ;) {
        atMs += drawExponential(random, meanGapMs);
        if (!(atMs < untilMs)) break;
        yield atMs;
      }
      fromMs = untilMs;
      if (states.length > 1) index = (index + 1 + random.nextBelow(states.length - 1)) % states.length;
    }
  });
}
