/**
 * A seeded generator of whole numbers and shuffles: integer operations only, so that every machine draws the same.
 * The generator is Bob Jenkins' small fast counter (sfc32, PractRand 0.94), seeded through its own warm-up.
 */
export interface SeededRandom {
  /** Uniform in [0, 1), a multiple of 2^-32. */
  uniform(): number;
  /** Uniform in 0 .. bound - 1. */
  below(bound: number): number;
  /** Fisher-Yates, in place; returns its argument. */
  shuffle<T extends { length: number; [index: number]: number }>(items: T): T;
}

export function seededRandom(seed: number): SeededRandom {
  let [a, b, c, counter] = [0, seed | 0, 0, 1];
  const draw = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) draw();
  const below = (bound: number): number => Math.floor((draw() / 2 ** 32) * bound);
  return {
    uniform: () => draw() / 2 ** 32,
    below,
    shuffle(items) {
      for (let last = items.length - 1; last > 0; last -= 1) {
        const other = below(last + 1);
        const kept = items[last] ?? 0;
        items[last] = items[other] ?? 0;
        items[other] = kept;
      }
      return items;
    },
  };
}
