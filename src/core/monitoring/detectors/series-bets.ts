import { clip, fitForecast, fitMemory, meanOf, nextSpread, spreadsOf } from './fit-forecast.ts';
import { mostValues, placeOf, rankErrors, shiftEvidence, shifts, type ErrorRanks } from './shift-bets.ts';
import { noBets } from './stakes.ts';

/**
 * Bets on a series of window values: that its values leave what was forecast, beyond a dead band, for long enough.
 *
 * | method | unit of a bet | what has to hold for the promise |
 * |---|---|---|
 * | forecast | the error of a forecast of order (1, 1) | the mean score of the error, given the past, stays inside the dead band |
 * | blocks | the mean of a block of at least five decorrelation times | the same of the block means, which hardly depend on one another |
 *
 * An error is placed among the errors of the history. It has e-values for shifts up and down by 0.5 to 3 standard deviations,
 * with a mean of 1 while nothing changed. A large change is found within a few windows: the e-value of an error beyond all of
 * n is up to n / 2. Where the mean of an e-value given the past is at most its `fair` value, the multiplier
 * 1 + stake (e-value / fair - 1) has a mean of at most 1. A forecaster is never right: the promise holds if the forecaster does.
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
  /** How far the mean score went in back-tests, either way; the score is 2 u - 1, with u the rank of an error. */
  readonly deadBand: number;
  /** The errors of the history by rank; absent of a bet that an earlier version chose. */
  readonly ranks?: ErrorRanks;
  /** For each bet: the largest mean of its e-value that counts as no change. */
  readonly fair?: readonly number[];
  /** Of a bet that an earlier version chose. */
  readonly tails?: { readonly count: number; readonly deadBand: number };
  /** Windows in a block; 1 for the forecast. */
  readonly blockWindows: number;
  /** The value before; null after a gap. */
  readonly last: number | null;
  /** The block that is being filled. */
  readonly filled: { readonly windows: number; readonly sum: number };
}

/** Multipliers of one window: for each shift up, then for each shift down. */
export const seriesStakes = 2 * shifts.length;

const quantileSteps = 20;

/** A bet from a history of values; its dead band is 0. `values` has at least two. */
export function fitSeriesBet(method: SeriesBet['method'], values: readonly number[], blockWindows: number): SeriesBet {
  const units = method === 'blocks' ? blockMeans(values, blockWindows) : values;
  const mean = meanOf(units);
  const isPlain = method === 'blocks' || countOthers(units) < units.length / 2;
  const { correlation, smoothing } = isPlain
    ? { correlation: 0, smoothing: 0 }
    : fitForecast(clip(units.map((unit) => unit - mean)));
  const raw = forecastErrors({ mean, correlation, smoothing }, units);
  const size = meanOf(raw.map(Math.abs));
  // Errors that repeat would do so no more.
  const memory = isPlain || new Set(raw).size <= mostValues ? 0 : fitMemory(raw, size);
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
    ranks: rankErrors(sorted),
    blockWindows: method === 'blocks' ? blockWindows : 1,
    last: null,
    filled: { windows: 0, sum: 0 },
  };
}

/**
 * The bet after one more window. A window without a finite value is a gap: no bet, and its block begins anew.
 *
 * @returns `multipliers` for the budget, the `score` in [-1, 1] and the e-values behind them; null where nothing was judged.
 */
export function stepSeriesBet(bet: SeriesBet, value: number | null): SeriesStep {
  const none = { multipliers: noBets(seriesStakes), score: null, evidence: null };
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
  const place = placeOf(ranksOf(bet), error);
  const evidence = shiftEvidence(place);
  return { bet: next, multipliers: betOn(bet, evidence), score: 1 - place.low - place.high, evidence };
}

export interface SeriesStep {
  readonly bet: SeriesBet;
  readonly multipliers: readonly number[];
  readonly score: number | null;
  readonly evidence: readonly number[] | null;
}

const emptyBlock = { windows: 0, sum: 0 };

/** An error beyond all of the history by more than their distance counts as that far, so that one wrong reading stays one. */
function takeBack(errors: readonly number[], error: number): number {
  const middle = errors[errors.length >> 1] ?? 0;
  const [low, high] = [2 * (errors[0] ?? 0) - middle, 2 * (errors.at(-1) ?? 0) - middle];
  return Math.min(high, Math.max(low, error));
}

/** What the next unit is forecast to be; the mean where there is none before. */
export const forecastOf = ({
  mean,
  correlation,
  last,
  beyond = 0,
  smoothing = 0,
  lastError = 0,
}: Pick<SeriesBet, 'mean' | 'correlation' | 'last' | 'beyond' | 'smoothing' | 'lastError'>): number =>
  mean + (last === null ? 0 : correlation * (last - beyond - mean) - smoothing * lastError);

/** Errors as they are found window by window, to the bit: values that repeat have errors that repeat. */
function forecastErrors(
  model: Pick<SeriesBet, 'mean' | 'correlation' | 'smoothing'>,
  units: readonly number[],
): readonly number[] {
  let lastError = 0;
  return units.slice(1).map((unit, index) => {
    lastError = unit - forecastOf({ ...model, last: units[index] ?? 0, lastError });
    return lastError;
  });
}

function betOn(bet: SeriesBet, evidence: readonly number[]): readonly number[] {
  return evidence.map((value, index) => {
    const { by, stake } = shifts[index % shifts.length] ?? noShift;
    return 1 + stake * (value / (bet.fair?.[index] ?? fairByScore(bet, by)) - 1);
  });
}

const noShift = { by: 0, stake: 0 };

/** Of a bet that an earlier version chose: a shift of errors by 1 moves their mean score by 0.56. */
const fairByScore = ({ deadBand, tails }: SeriesBet, by: number): number =>
  Math.exp((by * deadBand) / 0.56) + (by < 2 ? 0 : (tails?.deadBand ?? 0));

const ranksOf = ({ ranks, errors }: SeriesBet): ErrorRanks => ranks ?? rankErrors(errors);

/** Score and e-values of each window or block of values that follow one another. */
export function judgeSeries(
  bet: SeriesBet,
  values: readonly number[],
): readonly { readonly score: number; readonly evidence: readonly number[] }[] {
  const judged: { score: number; evidence: readonly number[] }[] = [];
  let present = bet;
  for (const value of values) {
    const { bet: next, score, evidence } = stepSeriesBet(present, value);
    if (score !== null && evidence !== null) judged.push({ score, evidence });
    present = next;
  }
  return judged;
}

/** Values other than the middle one. Less than half of all: most values are the same. */
export function countOthers(values: readonly number[]): number {
  const middle = [...values].sort((a, b) => a - b)[values.length >> 1];
  return values.filter((value) => value !== middle).length;
}

function blockMeans(values: readonly number[], windows: number): readonly number[] {
  return Array.from({ length: Math.floor(values.length / windows) }, (_, block) =>
    meanOf(values.slice(block * windows, (block + 1) * windows)),
  );
}
