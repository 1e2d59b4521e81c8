import { seededRandom, type Random } from '../../../src/core/statistics/random.ts';

export const seconds = 1_000;
export const minutes = 60 * seconds;
export const hours = 60 * minutes;

/** Draws for the simulated fleet; whole milliseconds. */
export interface Draw {
  readonly random: Random;
  between(fromMs: number, toMs: number): number;
  /** Exponential, at least 1. */
  about(meanMs: number): number;
  chance(share: number): boolean;
  oneOf<T>(values: readonly [T, ...T[]]): T;
}

export function makeDraw(seed: number): Draw {
  const random = seededRandom(seed);
  return {
    random,
    between: (fromMs, toMs) => Math.floor(fromMs + random.nextShare() * (toMs - fromMs)),
    about: (meanMs) => Math.max(1, Math.round(-meanMs * Math.log(1 - random.nextShare()))),
    chance: (share) => random.nextShare() < share,
    oneOf: (values) => values[random.nextBelow(values.length)] ?? values[0],
  };
}
