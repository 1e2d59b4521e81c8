import { betCapital, capitalGiven, isLatched, type AlarmName, type BettingTerm } from '../alarms/alarm-budget.ts';
import { forecastOf, stepSeriesBet, type SeriesBet } from '../detectors/series-bets.ts';
import type { DriftState } from '../watch/drift-state.ts';
import { namePart, valueIn, type WatchedSeries } from '../watch/windows/series.ts';
import { historyTerms } from '../watch/watch-plan.ts';
import type { WindowHistory } from '../watch/windows/window-history.ts';
import type { DriftWindow } from '../watch/windows/windows.ts';
import { movingPartOf } from './keep-replay.ts';
import type { ReplayLog } from './replay-log.ts';

/** One window as a series saw it. */
export interface ExplainedWindow {
  readonly number: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: number | null;
  /** Null where nothing was judged: within a block, and after a gap. */
  readonly forecast: number | null;
  readonly score: number | null;
  readonly multipliers: readonly number[];
  /** What the tick gave to the series; null where no tick came with this window. */
  readonly given: number | null;
  /** Of all its stakes, after the window. */
  readonly capital: number;
  /** `alarm: feature amount` */
  readonly marks: readonly string[];
}

export interface ExplainedSeries {
  readonly id: string;
  readonly feature: string;
  readonly group: string;
  readonly series: string;
  readonly verdict: WatchedSeries['verdict'];
  readonly reason: string;
  readonly deadBand: number | null;
  /** Newest last; all that were replayed. */
  readonly windows: readonly ExplainedWindow[];
  /** The live capital. */
  readonly capital: number;
  /** The first difference between the replay and the live state; null where they are equal to the bit. */
  readonly difference: string | null;
}

/**
 * Replays the kept windows of one series through the functions of the watch, from where the log begins, and compares the
 * result with the live state. `windows` may hold others than those of the replay; they are of `history`, which is that of all
 * rows, or of the slice that the series is of.
 */
export function explainSeries(
  state: DriftState,
  one: WatchedSeries,
  windows: readonly DriftWindow[],
  history: WindowHistory = state,
): ExplainedSeries {
  const { id, feature, group, part, verdict, reason } = one;
  const live = state.budget.capital[id] ?? [];
  const told = { id, feature, group, series: namePart(part), verdict, reason, capital: sum(live) };
  if (one.bet === null) return { ...told, deadBand: null, windows: [], difference: null };
  const found = { ...told, deadBand: one.bet.deadBand };
  const term = historyTerms(state).find((each) => each.id === id);
  if (history.replay === undefined || term === undefined)
    return { ...found, windows: [], difference: 'no tick came since this version runs' };
  const from = beginOf(history.replay, one, one.bet, term);
  const ofReplay = windows.filter(({ number }) => number > from.window && number <= history.windows);
  if (ofReplay.length !== history.windows - from.window) {
    const missing = `${ofReplay.length} of the windows ${from.window + 1} to ${history.windows} are kept`;
    return { ...found, windows: [], difference: missing };
  }
  const replayed = replayWindows(from, one, term, ofReplay, history.replay);
  return {
    ...found,
    windows: replayed.windows,
    difference: findDifference(
      { ...movingPartOf(replayed.bet), capital: replayed.capital },
      { ...movingPartOf(one.bet), capital: live },
    ),
  };
}

interface Position {
  readonly window: number;
  readonly bet: SeriesBet;
  readonly capital: readonly number[];
  readonly latched: readonly AlarmName[];
}

/** Where the log begins, or the choice of the bet where that came later. */
function beginOf(log: ReplayLog, { id, chosenAt }: WatchedSeries, bet: SeriesBet, term: BettingTerm): Position {
  const start = log.series[id];
  const window = start === undefined ? Math.max(log.window, chosenAt ?? 0) : log.window;
  const moving = start?.bet ?? { last: null, lastError: 0, beyond: 0, spread: 1, filled: { windows: 0, sum: 0 } };
  const latched = marksUntil(log, window).reduce(latchedAfter, log.latched);
  return { window, bet: { ...bet, ...moving }, capital: start?.capital ?? noCapital(term), latched };
}

const marksUntil = (log: ReplayLog, window: number): ReplayLog['marks'] =>
  log.marks.filter((mark) => mark.window < window);

function replayWindows(
  from: Position,
  one: WatchedSeries,
  term: BettingTerm,
  windows: readonly DriftWindow[],
  log: ReplayLog,
): { readonly bet: SeriesBet; readonly capital: readonly number[]; readonly windows: readonly ExplainedWindow[] } {
  const explained: ExplainedWindow[] = [];
  let { bet, capital, latched } = applyMarks(from, log, from.window, term);
  let pending: readonly number[] | undefined;
  for (const window of windows) {
    const value = valueIn(window, one);
    const step = stepSeriesBet(bet, value);
    const forecast = step.score === null ? null : forecastOf(bet);
    const factors = pending;
    pending = step.multipliers.map((factor, at) => factor * (factors?.[at] ?? 1));
    bet = step.bet;
    let given: number | null = null;
    if (window.tick !== undefined) {
      const { elapsedMs, rate } = window.tick;
      if (rate !== null) {
        const all = capitalGiven(elapsedMs, rate);
        const isLatchedNow = isLatched({ latched }, term);
        given = isLatchedNow ? 0 : all * term.weight;
        capital = isLatchedNow ? noCapital(term) : betCapital(capital, term, all, pending);
      }
      pending = undefined;
    }
    ({ capital, latched } = applyMarks({ capital, latched }, log, window.number, term));
    explained.push({
      number: window.number,
      fromMs: window.fromMs,
      toMs: window.toMs,
      value,
      forecast,
      score: step.score,
      multipliers: step.multipliers,
      given,
      capital: sum(capital),
      marks: log.marks
        .filter((mark) => mark.window === window.number)
        .map(({ of, kind, name }) => `${of}: ${kind} ${name}`),
    });
  }
  return { bet, capital, windows: explained };
}

/** What alarms and people did after a window. */
function applyMarks<T extends Pick<Position, 'capital' | 'latched'>>(
  at: T,
  log: ReplayLog,
  window: number,
  term: BettingTerm,
): T {
  const marks = log.marks.filter((mark) => mark.window === window);
  if (marks.length === 0) return at;
  const isZeroed = marks.some(({ of }) => of === 'alarm');
  return { ...at, capital: isZeroed ? noCapital(term) : at.capital, latched: marks.reduce(latchedAfter, at.latched) };
}

function latchedAfter(
  latched: readonly AlarmName[],
  { of, kind, name }: ReplayLog['marks'][number],
): readonly AlarmName[] {
  const others = latched.filter((each) => each.kind !== kind || each.name !== name);
  return of === 'alarm' ? [...others, { kind, name }] : others;
}

const noCapital = ({ stakes }: BettingTerm): readonly number[] => Array.from({ length: stakes }, () => 0);

interface Compared {
  readonly last: number | null;
  readonly lastError: number;
  readonly beyond?: number;
  readonly spread?: number;
  readonly filled: SeriesBet['filled'];
  readonly capital: readonly number[];
}

function findDifference(replayed: Compared, live: Compared): string | null {
  const facts = ({
    last,
    lastError,
    beyond = 0,
    spread = 1,
    filled,
    capital,
  }: Compared): readonly (readonly [string, unknown])[] => [
    ['last value', last],
    ['last error', lastError],
    ['part beyond the history', beyond],
    ['spread of errors', spread],
    ['windows of the open block', filled.windows],
    ['sum of the open block', filled.sum],
    ...capital.map((each, at) => [`capital of stake ${at + 1}`, each] as const),
  ];
  const ofReplay = facts(replayed);
  const ofLive = facts(live);
  for (const [at, [name, value]] of ofReplay.entries()) {
    const other = ofLive[at]?.[1];
    if (!Object.is(value, other)) return `${name}: replayed ${String(value)}, live ${String(other)}`;
  }
  return ofReplay.length === ofLive.length ? null : 'the live capital has more stakes';
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
