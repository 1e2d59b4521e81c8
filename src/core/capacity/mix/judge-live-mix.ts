import {
  meanSizes,
  mixDimensions,
  type MeasuredMix,
  type MixDimension,
  type RequestSizes,
} from '../../evidence/kinds/capacity/request-mix.ts';
import { clopperPearson } from '../../statistics/distributions/binomial.ts';
import { normalQuantile } from '../../statistics/distributions/normal.ts';
import { costMs, fitCostSurface, type CostSurface } from './cost-surface.ts';

/**
 * What live requests say of the mix that capacity was measured for.
 *
 * | standing | when |
 * |---|---|
 * | left | a live request costs at least 15% more or less than a measured one, or sizes are spread otherwise by at least 25 points |
 * | inside | neither, with at least 200 live requests that count |
 * | undecided | fewer requests, or none tells its sizes |
 *
 * Both are limits at a confidence of 99.9%, so that healthy services are rarely told to measure again.
 */
export interface LiveMix {
  readonly standing: 'inside' | 'left' | 'undecided';
  /** One sentence each; the first is the one that decided. */
  readonly reasons: readonly string[];
  readonly requests: number;
  /** Cost of a live request over a measured one; null without a surface. */
  readonly costRatio: number | null;
  /** By dimension: the largest difference of the share of requests that are at most as large as a measured quantile. */
  readonly distances: Readonly<Partial<Record<MixDimension, number>>>;
}

/** A capacity that is off by less is inside what a surface can tell. */
const costTolerance = 0.15;
const distanceTolerance = 0.25;
const confidenceShare = 0.999;
/** Of requests that count: those of one user resemble each other, and count for fewer. */
const requestsNeeded = 200;

/**
 * Returns where live requests stand to a measured mix. `live` is in the order of arrival; requests that do not tell all sizes of
 * the measured mix are left out. With n requests whose sizes have a correlation rho from one to the next, n (1 - rho) / (1 + rho)
 * count.
 */
export function judgeLiveMix(measured: MeasuredMix, live: readonly RequestSizes[]): LiveMix {
  const dimensions = mixDimensions.filter((name) => measured.summary[name] !== undefined);
  const told = live.filter((sizes) => dimensions.every((name) => sizes[name] !== undefined));
  const surface = fitCostSurface(measured.surface);
  const cost = surface === null ? null : judgeCost(measured, surface, told);
  const spread = dimensions.map((name) => judgeSpread(measured, name, told, dimensions.length));
  const distances = Object.fromEntries(spread.map(({ name, distance }) => [name, distance]));
  const counted = Math.min(...spread.map(({ counted: each }) => each));
  const about = { requests: told.length, costRatio: cost?.ratio ?? null, distances };
  if (dimensions.length === 0 || counted < requestsNeeded) {
    return { standing: 'undecided', reasons: [fewReason(live.length, told.length, counted)], ...about };
  }
  const reasons = [
    ...[cost?.reason].flatMap((reason) => reason ?? []),
    ...spread.flatMap(({ reason }) => reason ?? []),
  ];
  if (reasons.length > 0) return { standing: 'left', reasons, ...about };
  return { standing: 'inside', reasons: [`${told.length} live requests resemble the measured mix`], ...about };
}

function fewReason(live: number, told: number, counted: number): string {
  if (told === 0 && live > 0) return `none of ${live} captured requests tells its sizes`;
  return `${told} live requests count for ${Math.floor(counted)}, and ${requestsNeeded} are needed`;
}

function judgeCost(
  { summary, surface: points }: MeasuredMix,
  surface: CostSurface,
  told: readonly RequestSizes[],
): { readonly ratio: number | null; readonly reason: string | null } {
  const concurrency = Math.max(...points.map((point) => point.concurrency));
  const ofMeasured = costMs(surface, meanSizes(summary), concurrency);
  const ratios = told.map((sizes) => costMs(surface, sizes, concurrency) / ofMeasured);
  if (ratios.length < 2) return { ratio: null, reason: null };
  const mean = meanOf(ratios);
  const deviation = Math.sqrt(ratios.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (ratios.length - 1));
  const errorShare = surface.errorShare ?? 0;
  const halfWidth =
    (normalQuantile(confidenceShare) * deviation) / Math.sqrt(countedOf(ratios)) + errorShare * Math.abs(mean - 1);
  const percent = (share: number): string => `${Math.round(100 * share)}%`;
  if (mean - halfWidth > 1 + costTolerance)
    return { ratio: mean, reason: `a live request costs ${percent(mean - 1)} more than a measured one` };
  if (mean + halfWidth < 1 - costTolerance)
    return { ratio: mean, reason: `a live request costs ${percent(1 - mean)} less than a measured one` };
  return { ratio: mean, reason: null };
}

function judgeSpread(
  { summary }: MeasuredMix,
  name: MixDimension,
  told: readonly RequestSizes[],
  dimensions: number,
): {
  readonly name: MixDimension;
  readonly distance: number;
  readonly counted: number;
  readonly reason: string | null;
} {
  const points = summary[name]?.points ?? [];
  const sizes = told.map((each) => each[name] ?? NaN);
  const counted = countedOf(sizes);
  if (sizes.length === 0) return { name, distance: 0, counted, reason: null };
  const oneConfidence = 1 - (1 - confidenceShare) / (dimensions * points.length);
  let distance = 0;
  let found: { readonly limit: number; readonly reason: string } | null = null;
  for (const { value, atMostShare } of points) {
    const share = sizes.filter((size) => size <= value).length / sizes.length;
    distance = Math.max(distance, Math.abs(share - atMostShare));
    // The limits of as many independent requests as these count for.
    const { lower, upper } = clopperPearson(share * counted, counted, oneConfidence);
    const limit = Math.max(lower - atMostShare, atMostShare - upper);
    if (limit <= Math.max(distanceTolerance, found?.limit ?? 0)) continue;
    const percent = (each: number): string => `${Math.round(100 * each)}%`;
    found = {
      limit,
      reason: `${percent(share)} of the live requests have at most ${value} ${unitOf[name]}, and ${percent(atMostShare)} of the measured ones`,
    };
  }
  return { name, distance, counted, reason: found?.reason ?? null };
}

const unitOf: Readonly<Record<MixDimension, string>> = {
  'tokens-in': 'input tokens',
  'tokens-out': 'output tokens',
  rows: 'rows',
  bytes: 'bytes',
};

const meanOf = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;

/** So many independent values as these are worth; no more than there are. */
function countedOf(values: readonly number[]): number {
  if (values.length < 2) return values.length;
  const mean = meanOf(values);
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  if (squares === 0) return values.length;
  const products = values.slice(1).reduce((sum, each, at) => sum + (each - mean) * ((values[at] ?? mean) - mean), 0);
  const rho = Math.min(0.99, Math.max(0, products / squares));
  return (values.length * (1 - rho)) / (1 + rho);
}
