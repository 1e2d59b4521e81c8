import { clip, errorsOf, fitForecast, fitMemory, meanOf, nextSpread, spreadsOf } from './fit-forecast.ts';
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
  /** Part of the value before that no forecast is based on, because it lies beyond all of the history. */
  readonly beyond?: number;
  /** Weight of the newest error in the spread; 0 where large errors do not come together. */
  readonly memory?: number;
  /** Mean size of an error of the history. */
  readonly size?: number;
  /** Mean size of the recent errors, in sizes. Errors are divided by it where it is above 1. */
  readonly spread?: number;
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
  const raw = errorsOf(
    units.map((unit) => unit - mean),
    correlation,
    smoothing,
  );
  const size = meanOf(raw.map(Math.abs));
  const memory = method === 'blocks' ? 0 : fitMemory(raw, size);
  const spreads = spreadsOf(raw, size, memory);
  const sorted = raw.map((error, index) => error / (spreads[index] ?? 1)).sort((a, b) => a - b);
  const quantiles = Array.from({ length: quantileSteps + 1 }, (_, step) => {
    return sorted[Math.round((step / quantileSteps) * (sorted.length - 1))] ?? 0;
  });
  return {
    method,
    mean,
    correlation,
    smoothing,
    lastError: 0,
    memory,
    size,
    spread: 1,
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
 * @returns `multipliers` for the budget, the `score` in [-1, 1] and the e-values of the tails; null where nothing was judged.
 */
export function stepSeriesBet(bet: SeriesBet, value: number | null): SeriesStep {
  const none = { multipliers: noBets(seriesStakes), score: null, tails: null };
  if (value === null || !Number.isFinite(value)) {
    return { bet: { ...bet, last: null, lastError: 0, beyond: 0, filled: emptyBlock }, ...none };
  }
  const filled = { windows: bet.filled.windows + 1, sum: bet.filled.sum + value };
  if (filled.windows < bet.blockWindows) return { bet: { ...bet, filled }, ...none };
  const unit = filled.sum / filled.windows;
  if (bet.last === null && bet.correlation !== 0) {
    return { bet: { ...bet, last: unit, lastError: 0, beyond: 0, filled: emptyBlock }, ...none, score: 0 };
  }
  const forecast = forecastOf(bet);
  const { memory = 0, size = 0, spread = 1 } = bet;
  const divisor = Math.max(1, spread);
  const error = (unit - forecast) / divisor;
  const lastError = divisor * takeBack(bet.errors, error);
  const next = {
    ...bet,
    last: unit,
    lastError,
    beyond: unit - forecast - lastError,
    spread: nextSpread(spread, unit - forecast, size, memory),
    filled: emptyBlock,
  };
  const score = 2 * rankOf(bet.errors, error) - 1;
  const tails = tailsOf(bet, error);
  return { bet: next, multipliers: betOn(bet, score, tails), score, tails };
}

export interface SeriesStep {
  readonly bet: SeriesBet;
  readonly multipliers: readonly number[];
  readonly score: number | null;
  readonly tails: readonly [above: number, below: number] | null;
}

const emptyBlock = { windows: 0, sum: 0 };

/** An error beyond all of the history by more than their distance counts as that far, so that one wrong reading stays one. */
function takeBack(errors: readonly number[], error: number): number {
  const middle = errors[errors.length >> 1] ?? 0;
  const [low, high] = [2 * (errors[0] ?? 0) - middle, 2 * (errors.at(-1) ?? 0) - middle];
  return Math.min(high, Math.max(low, error));
}

/** What the next unit is forecast to be; the mean where there is none before. */
export const forecastOf = ({ mean, correlation, last, beyond = 0, smoothing = 0, lastError = 0 }: SeriesBet): number =>
  mean + (last === null ? 0 : correlation * (last - beyond - mean) - smoothing * lastError);

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
    const { bet: next, score, tails } = stepSeriesBet(present, value);
    if (score !== null && tails !== null) scores.push({ score, above: tails[0], below: tails[1] });
    present = next;
  }
  return scores;
}

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
