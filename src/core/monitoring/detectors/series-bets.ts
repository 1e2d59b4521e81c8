import { bothStakes, multiplyStakes, noBets, upStakes } from './stakes.ts';

/**
 * Bets on a series of window values: that its values leave what was forecast, beyond a dead band, for long enough.
 *
 * | method | unit of a bet | what has to hold for the promise |
 * |---|---|---|
 * | forecast | the error of a forecast of order (1, 1) | the mean score of the error, given the past, stays inside the dead band |
 * | blocks | the mean of a block of at least five decorrelation times | the same of the block means, which hardly depend on one another |
 *
 * The score of an error is 2 u - 1, with u its rank among the errors of the history. Where its mean given the past lies in
 * [-band, band], the payoffs (score - band) / (1 + band) and (-score - band) / (1 + band) have a mean of at most 0, and
 * each multiplier has a mean of at most 1. A forecaster is never right: the promise holds if the forecaster does.
 *
 * Scores end at 1, however far a value is off. So two more bets are on the tails: with p the share of errors of the history
 * that lie as far out, 1 / (2 sqrt(p)) has a mean of at most 1 (an e-value by a calibrator of p-values: Vovk and Wang,
 * arXiv 1912.06116). It has a dead band of its own, because large errors may come together.
 */
export interface SeriesBet {
  readonly method: 'forecast' | 'blocks';
  readonly mean: number;
  /** Correlation of neighbouring windows; 0 for blocks. */
  readonly correlation: number;
  /** Part of the last error that the next forecast takes back: rows of a window are a sample, which adds noise to a level. */
  readonly smoothing?: number;
  /** The error of the window before. */
  readonly lastError?: number;
  /** Quantiles of the errors of the history, at equal steps from the least to the largest. */
  readonly errors: readonly number[];
  /** Largest mean score, either way, that counts as no change. */
  readonly deadBand: number;
  /** Errors of the history at the ranks 0, 1, 3, 7 and so on from either end, up to a 64th of them. */
  readonly tails?: Tails;
  /** Windows in a block; 1 for the forecast. */
  readonly blockWindows: number;
  /** The value before; null after a gap. */
  readonly last: number | null;
  /** The block that is being filled. */
  readonly filled: { readonly windows: number; readonly sum: number };
}

export interface Tails {
  readonly count: number;
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Mean of the e-value beyond 1 that counts as no change. */
  readonly deadBand: number;
}

/** Multipliers of one window: four stakes for values above, four for values below, one for each tail. */
export const seriesStakes = bothStakes.length + 2;

const quantileSteps = 64;
const tailStake = 0.8;

/** A bet from a history of values; its dead band is 0. `values` has at least two. */
export function fitSeriesBet(method: SeriesBet['method'], values: readonly number[], blockWindows: number): SeriesBet {
  const units = method === 'blocks' ? blockMeans(values, blockWindows) : values;
  const mean = meanOf(units);
  const { correlation, smoothing } =
    method === 'blocks' ? { correlation: 0, smoothing: 0 } : fitForecast(clip(units.map((unit) => unit - mean)));
  const errors = errorsOf(
    units.map((unit) => unit - mean),
    correlation,
    smoothing,
  );
  const sorted = errors.sort((a, b) => a - b);
  const quantiles = Array.from({ length: quantileSteps + 1 }, (_, step) => {
    return sorted[Math.round((step / quantileSteps) * (sorted.length - 1))] ?? 0;
  });
  return {
    method,
    mean,
    correlation,
    smoothing,
    lastError: 0,
    errors: quantiles,
    deadBand: 0,
    tails: { count: sorted.length, low: atRanks(sorted), high: atRanks(sorted.toReversed()), deadBand: 0 },
    blockWindows: method === 'blocks' ? blockWindows : 1,
    last: null,
    filled: { windows: 0, sum: 0 },
  };
}

/** The values at the ranks 0, 1, 3, 7 and so on, up to a 64th of them. */
function atRanks(sorted: readonly number[]): readonly number[] {
  const taken: number[] = [];
  for (let rank = 0; rank <= sorted.length / quantileSteps && rank < sorted.length; rank = 2 * rank + 1) {
    taken.push(sorted[rank] ?? 0);
  }
  return taken;
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
    return { bet: { ...bet, last: null, lastError: 0, filled: { windows: 0, sum: 0 } }, ...none };
  }
  const filled = { windows: bet.filled.windows + 1, sum: bet.filled.sum + value };
  if (filled.windows < bet.blockWindows) return { bet: { ...bet, filled }, ...none };
  const unit = filled.sum / filled.windows;
  const forecast = forecastOf(bet);
  const error = unit - forecast;
  const isJudged = bet.last !== null || bet.correlation === 0;
  const next = { ...bet, last: unit, lastError: isJudged ? error : 0, filled: { windows: 0, sum: 0 } };
  if (!isJudged) return { bet: next, multipliers: none.multipliers, score: 0 };
  const score = 2 * rankOf(bet.errors, error) - 1;
  return { bet: next, multipliers: betOn(bet, score, tailsOf(bet, error)), score };
}

/** What the next unit is forecast to be; the mean where there is none before. */
export const forecastOf = ({ mean, correlation, last, smoothing = 0, lastError = 0 }: SeriesBet): number =>
  mean + (last === null ? 0 : correlation * (last - mean) - smoothing * lastError);

function betOn(bet: SeriesBet, score: number, [above, below]: readonly [number, number]): readonly number[] {
  const most = 1 + bet.deadBand;
  const multipliers = noBets(seriesStakes);
  const half = multiplyStakes(multipliers, 0, upStakes, (score - bet.deadBand) / most);
  const tails = multiplyStakes(multipliers, half, upStakes, (-score - bet.deadBand) / most);
  const fair = 1 + (bet.tails?.deadBand ?? 0);
  multipliers[tails] = 1 + tailStake * (above / fair - 1);
  multipliers[tails + 1] = 1 + tailStake * (below / fair - 1);
  return multipliers;
}

/** The e-values 1 / (2 sqrt(p)) of an error, above and below; 1 where no tails are known. */
function tailsOf({ tails, errors }: SeriesBet, error: number): readonly [number, number] {
  if (tails === undefined) return [1, 1];
  const below = countBefore(errors, (each) => each < error);
  const upTo = countBefore(errors, (each) => each <= error);
  // Of quantiles at equal steps: the share of errors that are at least as large, rounded up by a step.
  const above = Math.min(1, (errors.length - below) / (errors.length - 1));
  const beneath = Math.min(1, upTo / (errors.length - 1));
  return [
    eValueOf(
      Math.min(
        above || 1,
        shareBeyond(tails.high, tails.count, (each) => each >= error),
      ),
    ),
    eValueOf(
      Math.min(
        beneath || 1,
        shareBeyond(tails.low, tails.count, (each) => each <= error),
      ),
    ),
  ];
}

const eValueOf = (share: number): number => 0.5 / Math.sqrt(share);

/** At most so large a share of errors lies as far out, counting the present one. */
function shareBeyond(tail: readonly number[], count: number, isAsFar: (error: number) => boolean): number {
  const place = tail.findIndex((error) => !isAsFar(error));
  // The error at rank 2^place - 1 lies nearer: so many are as far at most.
  return place < 0 ? 1 : Math.min(1, 2 ** place / (count + 1));
}

/** Score and e-values of each window or block of values that follow one another. */
export function scoreSeries(
  bet: SeriesBet,
  values: readonly number[],
): readonly { readonly score: number; readonly above: number; readonly below: number }[] {
  const scores: { score: number; above: number; below: number }[] = [];
  let present = bet;
  for (const value of values) {
    const step = stepSeriesBet(present, value);
    if (step.score !== null) {
      const [above, below] = tailsOf(present, step.bet.lastError ?? 0);
      scores.push({ score: step.score, above, below });
    }
    present = step.bet;
  }
  return scores;
}

/** Correlation of values that are `lag` apart; 0 of a constant. */
export function correlationOf(values: readonly number[], lag = 1): number {
  const mean = meanOf(values);
  let [products, squares] = [0, 0];
  for (const [index, value] of values.entries()) {
    squares += (value - mean) ** 2;
    if (index >= lag) products += (value - mean) * ((values[index - lag] ?? 0) - mean);
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

/** Parts of a search for the forecast: values of the correlation, and of what is taken back. */
const smoothings: readonly number[] = [0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.88, 0.94];

/**
 * The forecast of order (1, 1) with the least mean squared error. The correlation of a short history is too low on average;
 * (1 + 3 rho) / n is added (Kendall, 1954).
 */
function fitForecast(values: readonly number[]): { readonly correlation: number; readonly smoothing: number } {
  const first = correlationOf(values, 1);
  const raised = (rho: number): number => Math.min(0.999, Math.max(-0.999, rho + (1 + 3 * rho) / values.length));
  let best = { correlation: raised(first), smoothing: 0 };
  if (first < 0.1 || values.length < 100) return best;
  const ratio = Math.min(0.995, Math.max(first, correlationOf(values, 2) / first));
  // A second parameter has to pay for itself.
  let least = meanSquare(errorsOf(values, best.correlation, 0)) * (1 - 4 / values.length);
  for (const correlation of [ratio, (1 + ratio) / 2, (first + ratio) / 2]) {
    for (const smoothing of smoothings) {
      const square = meanSquare(errorsOf(values, raised(correlation), smoothing));
      if (smoothing < correlation && square < least)
        [least, best] = [square, { correlation: raised(correlation), smoothing }];
    }
  }
  return best;
}

function errorsOf(values: readonly number[], correlation: number, smoothing: number): number[] {
  let before = 0;
  return values.slice(1).map((value, index) => {
    before = value - correlation * (values[index] ?? 0) + smoothing * before;
    return before;
  });
}

const meanSquare = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, values.length);

/** Values beyond the 1% at either end by more than their distance count as that far: one wrong reading hides no dependence. */
function clip(values: readonly number[]): readonly number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [0.01, 0.99].map((share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0) as [
    number,
    number,
  ];
  if (low === high) return values;
  return values.map((value) => Math.min(2 * high - low, Math.max(2 * low - high, value)));
}
