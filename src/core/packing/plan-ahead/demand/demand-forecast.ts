import { normalQuantile } from '../../../statistics/distributions/normal.ts';
import type { Random } from '../../../statistics/random.ts';
import { periodDays, type GrowthRange } from './growth-range.ts';

/** A mean rate with its quantiles, from a day on. */
export interface RateRow {
  /** Days after the first day of the plan; below 0 before it. */
  readonly day: number;
  /** The estimate. */
  readonly ratePerSecond: number;
  /** In ascending order of share and of rate; empty where the row is one number. */
  readonly quantiles: readonly RateQuantile[];
}

export interface RateQuantile {
  readonly share: number;
  readonly ratePerSecond: number;
}

/** How much the logarithm of the rate moves from week to week beside its growth. */
export interface WeeklyNoise {
  readonly sd: number;
  /** Degrees of freedom of the estimate of `sd`; 1 or more. */
  readonly freedom: number;
}

/** The mean rate of one service over days. */
export type DemandForecast =
  | {
      readonly kind: 'growth';
      /** On the first day. */
      readonly ratePerSecond: number;
      readonly growth: GrowthRange;
      /** Null where no arrivals are recorded that tell it. */
      readonly noise: WeeklyNoise | null;
    }
  /** From each row on, the rate of the row. Rows in ascending order of days; the first is at day 0 or before. */
  | { readonly kind: 'rates'; readonly rows: readonly RateRow[] };

/** Returns the estimate of the mean rate of each day, requests a second. */
export function estimateDemand(forecast: DemandForecast, days: number): readonly number[] {
  switch (forecast.kind) {
    case 'growth': {
      const { ratePerSecond, growth } = forecast;
      return listDays(days, (day) => ratePerSecond * (1 + growth.share) ** (day / periodDays(growth)));
    }
    case 'rates':
      return followRows(forecast.rows, days, ({ ratePerSecond }) => ratePerSecond);
  }
}

/**
 * Returns one draw of the mean rate of each day.
 *
 * | forecast | what is drawn |
 * |---|---|
 * | growth with an interval | one growth for all days, log-normal with the interval as 5% and 95% |
 * | growth with noise | a random walk of the logarithm, `sd` a week; `sd` itself by its chi-square distribution |
 * | rates with quantiles | one quantile for all rows, so that a draw is high or low throughout |
 * | a plain number | nothing |
 */
export function drawDemand(forecast: DemandForecast, days: number, random: Random): readonly number[] {
  switch (forecast.kind) {
    case 'growth': {
      const { ratePerSecond, growth, noise } = forecast;
      const perDay = drawLogGrowth(growth, random) / periodDays(growth);
      const dailySd = noise === null ? 0 : drawSd(noise, random) / Math.sqrt(7);
      let walk = 0;
      return listDays(days, (day) => {
        if (day > 0 && dailySd > 0) walk += dailySd * drawNormal(random);
        return ratePerSecond * Math.exp(perDay * day + walk);
      });
    }
    case 'rates': {
      const share = drawShare(random);
      return followRows(forecast.rows, days, (row) => rateAt(row, share));
    }
  }
}

const listDays = (days: number, of: (day: number) => number): readonly number[] =>
  Array.from({ length: days }, (_, day) => of(day));

function followRows(rows: readonly RateRow[], days: number, of: (row: RateRow) => number): readonly number[] {
  let at = -1;
  let rate = 0;
  return listDays(days, (day) => {
    while (at + 1 < rows.length && (rows[at + 1]?.day ?? Infinity) <= day) {
      at += 1;
      const row = rows[at];
      if (row !== undefined) rate = of(row);
    }
    return rate;
  });
}

/**
 * Returns the rate of a row at a share of its distribution. The logarithm of the rate is linear in the normal quantile between two
 * quantiles, and outside of them on along the outermost two; the rate itself where one of them is 0. The estimate counts as the
 * quantile 0.5 where the row has none there.
 */
export function rateAt({ ratePerSecond, quantiles }: RateRow, share: number): number {
  if (quantiles.length === 0) return ratePerSecond;
  const hasMiddle = quantiles.some((each) => each.share === 0.5);
  const points = hasMiddle ? quantiles : [...quantiles, { share: 0.5, ratePerSecond }];
  const scaled = points.map((each) => ({ z: normalQuantile(each.share), rate: each.ratePerSecond }));
  scaled.sort((a, b) => a.z - b.z);
  const z = normalQuantile(share);
  const above = scaled.findIndex((each) => each.z >= z);
  const right = Math.max(1, above === -1 ? scaled.length - 1 : above);
  const [from, to] = [scaled[right - 1], scaled[right]];
  if (from === undefined || to === undefined) return ratePerSecond;
  const along = (z - from.z) / (to.z - from.z);
  if (from.rate > 0) return from.rate * (to.rate / from.rate) ** along;
  return Math.max(0, to.rate * along);
}

const intervalZ = normalQuantile(0.95);

function drawLogGrowth({ lowShare, share, highShare }: GrowthRange, random: Random): number {
  if (highShare === lowShare) return Math.log1p(share);
  const [low, high] = [Math.log1p(lowShare), Math.log1p(highShare)];
  return (low + high) / 2 + ((high - low) / 2 / intervalZ) * drawNormal(random);
}

/** sd * sqrt(freedom / chi-square): what a standard deviation that was estimated from few weeks may be. */
function drawSd({ sd, freedom }: WeeklyNoise, random: Random): number {
  let sum = 0;
  for (let each = 0; each < freedom; each += 1) sum += drawNormal(random) ** 2;
  return sum > 0 ? sd * Math.sqrt(freedom / sum) : sd;
}

/** Returns a share above 0 and below 1. */
export const drawShare = (random: Random): number => (random.nextUint32() + 0.5) / 4_294_967_296;

const drawNormal = (random: Random): number => normalQuantile(drawShare(random));
