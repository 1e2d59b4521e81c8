import { normalQuantile } from '../../src/core/statistics/distributions/normal.ts';
import type { Random } from '../../src/core/statistics/random.ts';

/** A stream in which nothing changes: a function that draws the next value. */
export type Stream = () => number;

export interface Null {
  readonly name: string;
  readonly begin: (random: Random) => Stream;
}

/** Streams without a change, each with the variance 1 or near it. */
export const nulls: readonly Null[] = [
  ...[0, 0.5, 0.9, 0.977].map((rho) => ({ name: `AR(1), rho ${rho}`, begin: beginAr(rho, drawNormal) })),
  { name: 'ARMA(1, 1), 0.8 and 0.5', begin: beginArma },
  { name: 'AR(1), rho 0.5, t3 errors', begin: beginAr(0.5, drawT3) },
  { name: 'stochastic volatility', begin: beginVolatility },
  { name: 'alternating inputs', begin: beginAlternating },
];

/** Shares of 50 rows, one a window, with nothing that changes: for the series of categories and of missing values. */
export const shareNulls: readonly Null[] = [
  ...[0.000_02, 0.000_2, 0.002, 0.02, 0.1].map((share) => ({
    name: `share of ${Number((100 * share).toFixed(3))}%`,
    begin: beginShare(() => () => share),
  })),
  { name: 'share of 2%, log-normal', begin: beginShare((random) => () => 0.02 * drawLogNormal(random, 0.8)) },
  { name: 'share of 0.2%, log-normal', begin: beginShare((random) => () => 0.002 * drawLogNormal(random, 1.5)) },
  { name: 'share near 5%, rho 0.9', begin: beginShare(beginLogit) },
];

const rowsOfShare = 50;

function beginShare(begin: (random: Random) => Stream): Null['begin'] {
  return (random) => {
    const share = begin(random);
    return () => {
      const present = share();
      const rows = Array.from({ length: rowsOfShare }, () => random.nextShare() < present);
      return rows.filter(Boolean).length / rowsOfShare;
    };
  };
}

/** With the mean 1. */
const drawLogNormal = (random: Random, sd: number): number => Math.exp(sd * drawNormal(random) - (sd * sd) / 2);

function beginLogit(random: Random): Stream {
  const level = beginAr(0.9, drawNormal)(random);
  return () => 1 / (1 + Math.exp(3 - 0.7 * level()));
}

/** Normal quantiles at 65,536 equal steps. */
const normals = Float64Array.from({ length: 65_536 }, (_, index) => normalQuantile((index + 0.5) / 65_536));

export function drawNormal(random: Random): number {
  return normals[random.nextUint32() >>> 16] ?? 0;
}

/** Student's t with three degrees of freedom, with variance 1. */
function drawT3(random: Random): number {
  const square = drawNormal(random) ** 2 + drawNormal(random) ** 2 + drawNormal(random) ** 2;
  return drawNormal(random) / Math.sqrt(square);
}

function beginAr(rho: number, draw: (random: Random) => number): Null['begin'] {
  return (random) => {
    let value = draw(random);
    return () => (value = rho * value + Math.sqrt(1 - rho * rho) * draw(random));
  };
}

function beginArma(random: Random): Stream {
  let [value, shock] = [0, 0];
  return () => {
    const next = drawNormal(random);
    value = 0.8 * value + next + 0.5 * shock;
    shock = next;
    return value / 2.38;
  };
}

function beginVolatility(random: Random): Stream {
  let log = 0;
  return () => {
    log = 0.98 * log + 0.2 * drawNormal(random);
    return Math.exp(log / 2) * drawNormal(random);
  };
}

function beginAlternating(random: Random): Stream {
  let side = 1;
  return () => {
    side = -side;
    return side + 0.2 * drawNormal(random);
  };
}
