import { clip, correlationOf, meanOf } from './fit-forecast.ts';
import { fitSeriesBet, scoreSeries, stepSeriesBet, type SeriesBet } from './series-bets.ts';

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
/** Parts of the history: the forecaster is fitted on the first, held to the second, and the bet is replayed on the third. */
const fittedShare = 0.7;
/** Where back-tests begin: at these shares of the fitted part. Each is held to what follows, up to the next. */
const origins: readonly number[] = [0.4, 0.55, 0.7, 0.85, 1];
/** Units of a back-test whose scores are averaged together: long enough to see a bias, short enough to find its extremes. */
const averagedUnits = 20;
/** The dead band covers so many standard deviations of the bias; that of tails half as many more, as large errors come in runs. */
const bandsOfExcess = 1.1;
/** Units of history after which the least dead band is twice that of a long one. */
const unitsOfShort = 300;
/** Added to the dead band of tails, over the number of units. */
const tailsOfShort = 250;
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
  const leastBlocksOfIt = blockWindows > 1 && isMostlySame(history) ? leastBlocksOfSpells : leastBlocksOfForecast;
  const least = Math.max(leastWindows, leastBlocksOfIt * blockWindows);
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

function isMostlySame(history: readonly number[]): boolean {
  const middle = [...history].sort((a, b) => a - b)[history.length >> 1];
  return history.filter((value) => value === middle).length > history.length / 2;
}

/** The fitted bet, or why it may not count. */
function tryMethod(method: SeriesBet['method'], history: readonly number[], blockWindows: number): SeriesBet | string {
  const end = Math.floor(history.length * fittedShare);
  const { score: deadBand, tails } = measureDeadBands(method, history.slice(0, end), blockWindows);
  if (deadBand > widestBand) return `back-tests are off by a mean score of ${deadBand.toFixed(2)}`;
  const fitted = fitSeriesBet(method, history.slice(0, end), blockWindows);
  const bet = { ...fitted, deadBand, tails: { ...(fitted.tails ?? noTails), deadBand: tails } };
  const alarms = replayAlarms(bet, history.slice(end));
  if (alarms > replayedAlarms) return `${alarms} alarms in a replay that may raise ${replayedAlarms}`;
  return bet;
}

const noTails = { count: 0, low: [], high: [], deadBand: 0 };

/**
 * How far the means of neighbouring units went in back-tests with rolling origins, beyond what chance alone does to means
 * of so few: of scores, and of the e-values of the tails.
 *
 * The two parameters of a forecast that is fitted on n units move its mean score by about 0.56 sqrt(2 / n). The least dead
 * band is a quarter more than that, and up to twice as much where units depend on one another: there the same error lasts.
 * A short history may be of calm weather: after 300 units all of it is doubled.
 */
function measureDeadBands(
  method: SeriesBet['method'],
  fitted: readonly number[],
  blockWindows: number,
): { readonly score: number; readonly tails: number } {
  const runs = origins.slice(0, -1).map((origin, index) => {
    const begin = Math.floor(fitted.length * origin);
    const end = Math.floor(fitted.length * (origins[index + 1] ?? 1));
    const bet = fitSeriesBet(method, fitted.slice(0, begin), blockWindows);
    return scoreSeries(bet, fitted.slice(begin, end));
  });
  const { correlation } = fitSeriesBet(method, fitted, blockWindows);
  const units = method === 'blocks' ? fitted.length / blockWindows : fitted.length;
  const least = 0.7 * (1 + correlation ** 2) * Math.sqrt(2 / units) * (1 + unitsOfShort / units);
  const scores = runs.map((run) => run.map(({ score }) => score));
  const above = runs.map((run) => run.map(({ above: value }) => value - 1));
  const below = runs.map((run) => run.map(({ below: value }) => value - 1));
  return {
    score: least + excessOf(scores),
    // So few errors say little about how heavy the tails are.
    tails: least + tailsOfShort / units + 1.5 * Math.max(excessOf(above), excessOf(below)),
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
