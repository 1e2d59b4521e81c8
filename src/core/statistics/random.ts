/**
 * A seeded generator of uniform numbers: xoshiro128** of Blackman and Vigna (2018), period 2^128 - 1, state seeded from one
 * number by splitmix32. Not for secrets. The same seed gives the same numbers on every machine.
 */
export interface Random {
  /** Uniform integer, 0 to 2^32 - 1. */
  nextUint32(): number;
  /** Uniform in [0, 1) with 53 random bits. */
  nextShare(): number;
  /** Uniform integer in [0, bound), bound from 1 to 2^32, without bias. */
  nextBelow(bound: number): number;
}

export function seededRandom(seed: number): Random {
  return xoshiro128(splitmix32(seed >>> 0));
}

/** From a whole state, which must not be all zeros. */
export function xoshiro128([first, second, third, fourth]: readonly [number, number, number, number]): Random {
  let [a, b, c, d] = [first | 0, second | 0, third | 0, fourth | 0];
  const nextUint32 = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    nextUint32,
    nextShare: () => ((nextUint32() >>> 5) * 67_108_864 + (nextUint32() >>> 6)) / 9_007_199_254_740_992,
    nextBelow(bound) {
      // Rejection of the last partial run of `bound` numbers.
      const limit = 4_294_967_296 - (4_294_967_296 % bound);
      let drawn = nextUint32();
      while (drawn >= limit) drawn = nextUint32();
      return drawn % bound;
    },
  };
}

function splitmix32(seed: number): readonly [number, number, number, number] {
  let state = seed;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return [next(), next(), next(), next()];
}
