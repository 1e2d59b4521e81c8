import { correlationOf, fitSeriesBet, meanOf, scoreSeries, stepSeriesBet, type SeriesBet } from './series-bets.ts';

/** Which bet may count for a series, with the reason; `unknown` where none may yet. */
export type SeriesChoice =
  | { readonly verdict: 'forecast' | 'blocks'; readonly bet: SeriesBet; readonly reason: string }
  /** `moreWindows`: how many more the history needs; 0 where more of the same history would not help. */
  | { readonly verdict: 'unknown'; readonly reason: string; readonly moreWindows: number };

/** A shorter history says too little about a forecaster: this many windows, and four blocks (20 decorrelation times). */
const leastWindows = 400;
const leastBlocksOfForecast = 4;
/** Parts of the history: the forecaster is fitted on the first, held to the second, and the bet is replayed on the third. */
const fittedShare = 0.7;
/** Where back-tests begin: at these shares of the fitted part. Each is held to what follows, up to the next. */
const origins: readonly number[] = [0.4, 0.55, 0.7, 0.85, 1];
/** Units of a back-test whose scores are averaged together: long enough to see a bias, short enough to find its extremes. */
const averagedUnits = 20;
const leastBand = 0.1;
/** A wider band would leave no room for a bet. */
const widestBand = 0.6;
/** The replay gives out capital for this many alarms; more than the limit (99.5% of a Poisson count) are too many. */
const replayedAlarms = 5;
const mostReplayedAlarms = 11;
const leastBlocks = 40;

/**
 * Chooses the bet for a series of windows: the forecast where it holds, else blocks, else none. A bet counts only after a
 * replay over the last 30% of the history, which nothing of it was fitted on. There it may raise its share of alarms.
 */
export function chooseSeriesBet(history: readonly number[]): SeriesChoice {
  const blockWindows = windowsOfBlock(history);
  const least = Math.max(leastWindows, leastBlocksOfForecast * blockWindows);
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

/** Five decorrelation times -1 / ln(rho), at least one window. */
export function windowsOfBlock(history: readonly number[]): number {
  const correlation = correlationOf(history);
  return correlation <= 0 ? 1 : Math.max(1, Math.ceil(-5 / Math.log(correlation)));
}

/** The fitted bet, or why it may not count. */
function tryMethod(method: SeriesBet['method'], history: readonly number[], blockWindows: number): SeriesBet | string {
  const end = Math.floor(history.length * fittedShare);
  const deadBand = measureDeadBand(method, history.slice(0, end), blockWindows);
  if (deadBand > widestBand) return `back-tests are off by a mean score of ${deadBand.toFixed(2)}`;
  const fitted = fitSeriesBet(method, history.slice(0, end), blockWindows);
  const bet = { ...fitted, deadBand };
  const alarms = replayAlarms(bet, history.slice(end));
  if (alarms > mostReplayedAlarms) return `${alarms} alarms in a replay that may raise ${replayedAlarms}`;
  return bet;
}

/** The largest mean score of neighbouring units in back-tests with rolling origins, either way; at least 0.1. */
function measureDeadBand(method: SeriesBet['method'], fitted: readonly number[], blockWindows: number): number {
  let band = leastBand;
  for (const [index, origin] of origins.slice(0, -1).entries()) {
    const begin = Math.floor(fitted.length * origin);
    const end = Math.floor(fitted.length * (origins[index + 1] ?? 1));
    const bet = fitSeriesBet(method, fitted.slice(0, begin), blockWindows);
    const scores = scoreSeries(bet, fitted.slice(begin, end));
    const units = Math.min(averagedUnits, scores.length);
    if (units === 0) continue;
    for (let at = 0; at + units <= scores.length; at += units) {
      band = Math.max(band, Math.abs(meanOf(scores.slice(at, at + units))));
    }
  }
  return band;
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
