import { clip, correlationOf, meanOf } from './fit-forecast.ts';
import { fitSeriesBet, countOthers, judgeSeries, seriesStakes, stepSeriesBet, type SeriesBet } from './series-bets.ts';
import { evidenceVariances } from './shift-bets.ts';
import { noBets } from './stakes.ts';

/** Which bet may count for a series, with the reason; `unknown` where none may yet. */
export type SeriesChoice =
  | { readonly verdict: 'forecast' | 'blocks'; readonly bet: SeriesBet; readonly reason: string }
  /** `moreWindows`: how many more the history needs; 0 where more of the same history would not help. */
  | { readonly verdict: 'unknown'; readonly reason: string; readonly moreWindows: number };

/** A shorter history says too little about a forecaster: this many windows, and four blocks (20 decorrelation times). */
const leastWindows = 400;
const leastBlocksOfForecast = 4;
/** Where most values are the same, the others come in spells: so many blocks hold enough of them. */
const leastBlocksOfSpells = 200;
/** So few other values show no spells yet, unless the history is so long. */
const fewOthers = 10;
const windowsOfFewOthers = 1_000;
/** Parts of the history: the forecaster is fitted on the first, held to the second, and the bet is replayed on the third. */
const fittedShare = 0.7;
/** Where back-tests begin: at these shares of the fitted part. Each is held to what follows, up to the next. */
const origins: readonly number[] = [0.4, 0.55, 0.7, 0.85, 1];
/** Units of a back-test whose scores are averaged together: long enough to see a bias, short enough to find its extremes. */
const averagedUnits = 20;
/** The excess covers so many standard deviations of the bias. */
const bandsOfExcess = 1.1;
/** Units of history after which the least dead band is twice that of a long one. */
const unitsOfShort = 300;
/** The mean e-value that counts as no change lies so many standard errors above 1. */
const standardErrors = 2;
/** Independent means go so many standard deviations from 0 by chance. */
const mostOfChance = 2.5;
/** A wider band would leave no room for a bet. */
const widestBand = 0.6;
/** The replay gives out capital for this many alarms; more are too many. */
const replayedAlarms = 5;
const leastBlocks = 40;

/**
 * Chooses the bet for a series of windows: the forecast where it holds, else blocks, else none. A bet counts only after a
 * replay over the last 30% of the history, which nothing of it was fitted on. There it may raise its share of alarms.
 */
export function chooseSeriesBet(history: readonly number[]): SeriesChoice {
  const blockWindows = windowsOfBlock(history);
  const least = leastHistoryOf(history, blockWindows);
  if (history.length < least) {
    const reason = `${history.length} of ${least} windows are there`;
    return { verdict: 'unknown', reason, moreWindows: least - history.length };
  }
  const forecast = tryMethod('forecast', history, 1);
  if (typeof forecast !== 'string') return { verdict: 'forecast', bet: forecast, reason: heldReason(forecast) };
  const needed = leastBlocks * blockWindows;
  if (history.length < needed) {
    const reason = `forecast: ${forecast}; blocks of ${blockWindows} windows need a history of ${needed}`;
    return { verdict: 'unknown', reason, moreWindows: needed - history.length };
  }
  const blocks = tryMethod('blocks', history, blockWindows);
  if (typeof blocks !== 'string') return { verdict: 'blocks', bet: blocks, reason: `forecast: ${forecast}` };
  return { verdict: 'unknown', reason: `forecast: ${forecast}; blocks: ${blocks}`, moreWindows: 0 };
}

/** Where most values are the same, a few others may be the first of spells. */
function leastHistoryOf(history: readonly number[], blockWindows: number): number {
  const others = countOthers(history);
  if (others >= history.length / 2) return Math.max(leastWindows, leastBlocksOfForecast * blockWindows);
  if (blockWindows > 1) return Math.max(leastWindows, leastBlocksOfSpells * blockWindows);
  return others > 0 && others < fewOthers ? windowsOfFewOthers : leastWindows;
}

/**
 * Five decorrelation times -k / ln(rho), at least one window; the longest of several lags k, because noise and spells hide
 * at one lag what lasts. A short history shows too little correlation: (1 + 3 rho) / n is added (Kendall, 1954).
 */
export function windowsOfBlock(history: readonly number[]): number {
  const values = clip(history);
  const times = [1, 2, 4, 8, 16, 32].map((lag) => {
    const found = correlationOf(values, lag);
    const raised = Math.min(0.999, found + (1 + 3 * found) / Math.max(1, values.length));
    return found < (lag === 1 ? 2 / Math.sqrt(Math.max(1, values.length)) : 0.3) ? 0 : (-5 * lag) / Math.log(raised);
  });
  return Math.max(1, Math.ceil(Math.max(...times)));
}

/** The bet, or why it may not count. What held on the third part is fitted anew on all of the history. */
function tryMethod(method: SeriesBet['method'], history: readonly number[], blockWindows: number): SeriesBet | string {
  const end = Math.floor(history.length * fittedShare);
  const excess = measureExcess(method, history.slice(0, end), blockWindows);
  const bet = withBands(fitSeriesBet(method, history.slice(0, end), blockWindows), excess);
  if (bet.deadBand > widestBand) return `back-tests are off by a mean score of ${bet.deadBand.toFixed(2)}`;
  const alarms = replayAlarms(bet, history.slice(end));
  if (alarms > replayedAlarms) return `${alarms} alarms in a replay that may raise ${replayedAlarms}`;
  return withBands(fitSeriesBet(method, history, blockWindows), excess);
}

/** Of scores, and of each e-value. */
interface Excess {
  readonly score: number;
  readonly evidence: readonly number[];
}

/**
 * The bet with what counts as no change: what n errors leave open, and the excess of back-tests.
 *
 * - Of n errors a mean e-value is known within sqrt(variance / n). That covers a mean and a spread that were fitted on few
 *   windows, and a rare value that came a few times by chance. A shift by 1 of 700 errors: 2 sqrt(1.7 / 700) = 0.1.
 * - The two parameters of a forecast move its mean score by about 0.56 sqrt(2 / n); a quarter more than that is the least.
 * - Both are up to four times as much where units depend on one another, because the same error lasts: most where a forecast
 *   takes back a part of the last error, for a level that noise hides.
 * - A short history may be of calm weather: after 400 windows e-values get three times the room, after 2,000 hardly more.
 */
function withBands(bet: SeriesBet, { score, evidence }: Excess): SeriesBet {
  const units = bet.ranks?.count ?? 0;
  const dependence = (1 + bet.correlation ** 2) * (1 + (bet.smoothing ?? 0));
  const calm = 1 + 2 * (leastWindows / (units * bet.blockWindows)) ** 2;
  const variances = bet.ranks === undefined ? [] : evidenceVariances(bet.ranks);
  return {
    ...bet,
    deadBand: 0.7 * dependence * Math.sqrt(2 / units) * (1 + unitsOfShort / units) + score,
    fair: variances.map(
      (variance, index) =>
        1 + calm * (standardErrors * dependence * Math.sqrt(variance / units) + (evidence[index] ?? 0)),
    ),
  };
}

/** How far means went in back-tests with rolling origins, beyond what chance does to means of so few. */
function measureExcess(method: SeriesBet['method'], fitted: readonly number[], blockWindows: number): Excess {
  const runs = origins.slice(0, -1).map((origin, index) => {
    const begin = Math.floor(fitted.length * origin);
    const end = Math.floor(fitted.length * (origins[index + 1] ?? 1));
    const bet = fitSeriesBet(method, fitted.slice(0, begin), blockWindows);
    return judgeSeries(bet, fitted.slice(begin, end));
  });
  return {
    score: excessOf(runs.map((run) => run.map(({ score }) => score))),
    evidence: noBets(seriesStakes).map((fair, at) =>
      excessOf(runs.map((run) => run.map(({ evidence }) => (evidence[at] ?? fair) - fair))),
    ),
  };
}

/**
 * How far the means of 20 neighbouring values go from 0, beyond what independent values would: a number of standard
 * deviations, and at least as far as the farthest went, because spells are rare and far.
 */
function excessOf(runs: readonly (readonly number[])[]): number {
  let [squares, ofMeans, values, means, largest] = [0, 0, 0, 0, 0];
  for (const run of runs) {
    const units = Math.min(averagedUnits, run.length);
    for (let at = 0; units > 0 && at + units <= run.length; at += units) {
      const part = run.slice(at, at + units);
      const mean = Math.abs(meanOf(part));
      largest = Math.max(largest, mean);
      ofMeans += mean ** 2;
      squares += part.reduce((sum, value) => sum + value * value, 0) / units;
      values += 1 / units;
      means += 1;
    }
  }
  if (means === 0) return 0;
  const chance = (squares / means) * (values / means);
  const spread = bandsOfExcess * Math.sqrt(Math.max(0, ofMeans / means - chance));
  return Math.max(spread, largest - mostOfChance * Math.sqrt(chance));
}

/** Alarms that the bet alone raises where the replay gives out capital for `replayedAlarms` of them. */
function replayAlarms(bet: SeriesBet, heldOut: readonly number[]): number {
  const given = replayedAlarms / heldOut.length;
  let present = bet;
  let capital: readonly number[] = [];
  let alarms = 0;
  for (const value of heldOut) {
    const step = stepSeriesBet(present, value);
    present = step.bet;
    const part = given / step.multipliers.length;
    capital = step.multipliers.map((multiplier, index) => ((capital[index] ?? 0) + part) * multiplier);
    if (capital.reduce((total, each) => total + each, 0) < 1) continue;
    alarms += 1;
    capital = [];
  }
  return alarms;
}

const heldReason = ({ deadBand }: SeriesBet): string =>
  `the forecast held in back-tests within a mean score of ${deadBand.toFixed(2)}`;
