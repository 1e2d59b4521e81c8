import { bothStakes, multiplyStakes, noBets, upStakes } from './stakes.ts';

/**
 * Bets on a series of window values: that its values leave what was forecast, beyond a dead band, for long enough.
 *
 * | method | unit of a bet | what has to hold for the promise |
 * |---|---|---|
 * | forecast | the error of a forecast of first order | the mean score of the error, given the past, stays inside the dead band |
 * | blocks | the mean of a block of at least five decorrelation times | the same of the block means, which hardly depend on one another |
 *
 * The score of an error is 2 u - 1, with u its rank among the errors of the history. Where its mean given the past lies in
 * [-band, band], the payoffs (score - band) / (1 + band) and (-score - band) / (1 + band) have a mean of at most 0, and
 * each multiplier has a mean of at most 1. A forecaster is never right: the promise holds if the forecaster does.
 */
export interface SeriesBet {
  readonly method: 'forecast' | 'blocks';
  readonly mean: number;
  /** Correlation of neighbouring windows; 0 for blocks. */
  readonly correlation: number;
  /** Quantiles of the errors of the history, at equal steps from the least to the largest. */
  readonly errors: readonly number[];
  /** Largest mean score, either way, that counts as no change. */
  readonly deadBand: number;
  /** Windows in a block; 1 for the forecast. */
  readonly blockWindows: number;
  /** The value before; null after a gap. */
  readonly last: number | null;
  /** The block that is being filled. */
  readonly filled: { readonly windows: number; readonly sum: number };
}

/** Multipliers of one window: four stakes for values above, four for values below. */
export const seriesStakes = bothStakes.length;

const quantileSteps = 64;

/** A bet from a history of values; its dead band is 0. `values` has at least two. */
export function fitSeriesBet(method: SeriesBet['method'], values: readonly number[], blockWindows: number): SeriesBet {
  const units = method === 'blocks' ? blockMeans(values, blockWindows) : values;
  const mean = meanOf(units);
  const correlation = method === 'blocks' ? 0 : correlationOf(units);
  const errors = units.slice(1).map((value, index) => value - mean - correlation * ((units[index] ?? 0) - mean));
  const sorted = errors.sort((a, b) => a - b);
  const quantiles = Array.from({ length: quantileSteps + 1 }, (_, step) => {
    return sorted[Math.round((step / quantileSteps) * (sorted.length - 1))] ?? 0;
  });
  return {
    method,
    mean,
    correlation,
    errors: quantiles,
    deadBand: 0,
    blockWindows: method === 'blocks' ? blockWindows : 1,
    last: null,
    filled: { windows: 0, sum: 0 },
  };
}

/**
 * The bet after one more window. A window without a finite value is a gap: no bet, and its block begins anew.
 *
 * @returns `multipliers` for the budget, and the `score` in [-1, 1]; the score is null where nothing was judged.
 */
export function stepSeriesBet(
  bet: SeriesBet,
  value: number | null,
): { bet: SeriesBet; multipliers: readonly number[]; score: number | null } {
  const none = { multipliers: noBets(seriesStakes), score: null };
  if (value === null || !Number.isFinite(value)) {
    return { bet: { ...bet, last: null, filled: { windows: 0, sum: 0 } }, ...none };
  }
  const filled = { windows: bet.filled.windows + 1, sum: bet.filled.sum + value };
  if (filled.windows < bet.blockWindows) return { bet: { ...bet, filled }, ...none };
  const unit = filled.sum / filled.windows;
  const forecast = bet.mean + (bet.last === null ? 0 : bet.correlation * (bet.last - bet.mean));
  const score = bet.last === null && bet.correlation !== 0 ? 0 : 2 * rankOf(bet.errors, unit - forecast) - 1;
  const most = 1 + bet.deadBand;
  const multipliers = noBets(seriesStakes);
  const half = multiplyStakes(multipliers, 0, upStakes, (score - bet.deadBand) / most);
  multiplyStakes(multipliers, half, upStakes, (-score - bet.deadBand) / most);
  return { bet: { ...bet, last: unit, filled: { windows: 0, sum: 0 } }, multipliers, score };
}

/** The scores of values that follow one another, one for each window or block. */
export function scoreSeries(bet: SeriesBet, values: readonly number[]): readonly number[] {
  const scores: number[] = [];
  let present = bet;
  for (const value of values) {
    const step = stepSeriesBet(present, value);
    present = step.bet;
    if (step.score !== null) scores.push(step.score);
  }
  return scores;
}

/** Correlation of neighbouring values; 0 of a constant. */
export function correlationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  let [products, squares] = [0, 0];
  for (const [index, value] of values.entries()) {
    squares += (value - mean) ** 2;
    if (index > 0) products += (value - mean) * ((values[index - 1] ?? 0) - mean);
  }
  return squares === 0 ? 0 : Math.min(0.999, Math.max(-0.999, products / squares));
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function blockMeans(values: readonly number[], windows: number): readonly number[] {
  return Array.from({ length: Math.floor(values.length / windows) }, (_, block) =>
    meanOf(values.slice(block * windows, (block + 1) * windows)),
  );
}

/** The share of errors below, between two quantiles by a straight line; a tie counts half. */
function rankOf(quantiles: readonly number[], error: number): number {
  const below = countBefore(quantiles, (each) => each < error);
  const upTo = countBefore(quantiles, (each) => each <= error);
  const steps = quantiles.length - 1;
  if (upTo > below) return Math.min(1, Math.max(0, (below + upTo - 1) / 2 / steps));
  if (below === 0) return 0;
  if (below > steps) return 1;
  const [low, high] = [quantiles[below - 1] ?? 0, quantiles[below] ?? 0];
  return (below - 1 + (error - low) / (high - low)) / steps;
}

/** How many of a sorted list hold, all of them at its beginning. */
function countBefore(sorted: readonly number[], holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
