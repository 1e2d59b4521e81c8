import {
  acknowledgeAlarm,
  emptyBudget,
  stepBudget,
  type AlarmName,
} from '../../src/core/monitoring/alarms/alarm-budget.ts';
import { splitWeights } from '../../src/core/monitoring/alarms/alarm-weights.ts';
import {
  chooseSeries,
  namePart,
  seriesTerms,
  stepSeries,
  type WatchedSeries,
} from '../../src/core/monitoring/watch/windows/series.ts';
import { leastHistory } from '../../src/core/monitoring/watch/windows/window-history.ts';
import {
  addToWindow,
  emptyWindow,
  leastWindowRows,
  type DriftWindow,
  type OpenWindow,
} from '../../src/core/monitoring/watch/windows/windows.ts';
import type { FeatureValue } from '../../src/core/monitoring/detectors/control-learners.ts';
import type { Stream } from './stream-columns.ts';

/** How a stream is cut and watched. */
export interface StreamPlan {
  readonly rowsPerWindow: number;
  /** Windows after which the bets are chosen first. */
  readonly historyWindows: number;
  /** Windows for which the budget gives out the capital of one alarm. */
  readonly windowsPerAlarm: number;
}

export interface StreamAlarm extends AlarmName {
  /** Rows that were read when it was raised. */
  readonly row: number;
  readonly window: number;
  /** The series of what is named that held the most. */
  readonly series: string;
}

export interface SeriesOfStream {
  readonly series: string;
  readonly feature: string;
  readonly verdict: WatchedSeries['verdict'];
  readonly reason: string;
  /** The window after which it was chosen. */
  readonly chosenAt: number;
}

export interface StreamOutcome {
  readonly windows: number;
  /** Capital that was given out by the first row of each window: alarms that are to be expected at most. */
  readonly promisedUntil: readonly number[];
  readonly alarms: readonly StreamAlarm[];
  readonly series: readonly SeriesOfStream[];
}

/** Windows that a history should have; the fewer rows there are, the shorter a window is. */
const wantedHistory = 1_000;

/**
 * The plan for a stream of which nothing changes in the first `quietRows`: windows as short as leave 1,000 of them, and 20
 * rows at most. Bets are chosen after half of the quiet windows, and after 400 at least.
 */
export function planStream(quietRows: number, asked: Partial<StreamPlan>): StreamPlan {
  const rowsPerWindow =
    asked.rowsPerWindow ?? Math.min(leastWindowRows, Math.max(1, Math.floor(quietRows / wantedHistory)));
  const windows = Math.floor(quietRows / rowsPerWindow);
  const historyWindows = asked.historyWindows ?? Math.max(leastHistory, Math.floor(windows / 2));
  return { rowsPerWindow, historyWindows, windowsPerAlarm: asked.windowsPerAlarm ?? 2_000 };
}

/**
 * Watches a stream as a service is watched: windows of rows, series of windows, bets, one alarm budget. Each alarm is
 * acknowledged at once. A series that is unknown is tried again after half as many windows more, while `changeRow` has not
 * come; a bet that stands stays.
 */
export function watchStream(stream: Stream, plan: StreamPlan, changeRow: number): StreamOutcome {
  const windows = cutWindows(stream, plan.rowsPerWindow);
  const weights = splitWeights([], stream.features);
  const rate = { count: 1, perMs: plan.windowsPerAlarm };
  const alarms: StreamAlarm[] = [];
  const promisedUntil: number[] = [];
  const chosenAt = new Map<string, number>();
  let [series, budget, chooseAt]: [readonly WatchedSeries[], typeof emptyBudget, number] = [
    [],
    emptyBudget,
    plan.historyWindows,
  ];
  for (const [index, window] of windows.entries()) {
    promisedUntil.push(budget.injected);
    const stepped = stepSeries(series, window);
    series = stepped.series;
    const tick = { elapsedMs: 1, rate, terms: seriesTerms(series, weights), evidence: stepped.multipliers };
    const step = tick.terms.length === 0 ? { budget, alarm: null } : stepBudget(budget, tick);
    if (step.alarm !== null) {
      const { kind, name } = step.alarm;
      const held = heldBy(series, budget.capital, stepped.multipliers, step.alarm);
      alarms.push({ kind, name, row: (index + 1) * plan.rowsPerWindow, window: window.number, series: held });
    }
    budget = acknowledgeAlarm(step.budget, 'all');
    const isQuiet = (index + 1) * plan.rowsPerWindow <= changeRow;
    if (window.number < chooseAt || !isQuiet || isChosen(series)) continue;
    series = chooseMissing(stream, series, windows.slice(0, index + 1));
    for (const { id } of series.filter(({ bet }) => bet !== null))
      if (!chosenAt.has(id)) chosenAt.set(id, window.number);
    chooseAt = Math.ceil(1.5 * chooseAt);
  }
  return {
    windows: windows.length,
    promisedUntil: [...promisedUntil, budget.injected],
    alarms,
    series: series.map((one) => ({
      series: nameSeries(one),
      feature: one.feature,
      verdict: one.verdict,
      reason: one.reason,
      chosenAt: chosenAt.get(one.id) ?? 0,
    })),
  };
}

const isChosen = (series: readonly WatchedSeries[]): boolean =>
  series.length > 0 && series.every(({ bet }) => bet !== null);

function chooseMissing(
  { features }: Stream,
  series: readonly WatchedSeries[],
  history: readonly DriftWindow[],
): readonly WatchedSeries[] {
  return features.flatMap((feature) => {
    const standing = series.filter((one) => one.feature === feature.name);
    if (isChosen(standing)) return standing;
    const chosen = chooseSeries(feature, history);
    if (standing.length === 0) return chosen;
    return standing.map((one) => (one.bet === null ? (chosen.find(({ id }) => id === one.id) ?? one) : one));
  });
}

/** Windows of so many rows each; rows that fill none are left out. */
function cutWindows({ features, values, rows }: Stream, rowsPerWindow: number): readonly DriftWindow[] {
  const windows: DriftWindow[] = [];
  let [open, before]: [OpenWindow, DriftWindow | null] = [emptyWindow, null];
  for (let row = 0; row < rows; row += 1) {
    const ofRow: Record<string, FeatureValue> = Object.create(null);
    for (const [index, { name }] of features.entries()) ofRow[name] = values[index]?.[row] ?? null;
    open = addToWindow(open, features, ofRow, row);
    if (open.rows < rowsPerWindow) continue;
    const { tallies } = open;
    const closed = {
      number: windows.length + 1,
      fromMs: row + 1 - rowsPerWindow,
      toMs: row,
      rows: rowsPerWindow,
      tallies,
    };
    before = rowsPerWindow === 1 ? withSpread(closed, before) : closed;
    windows.push(before);
    open = emptyWindow;
  }
  return windows;
}

/** A window of one row has no spread: it gets that of its row and the row before. */
function withSpread(window: DriftWindow, before: DriftWindow | null): DriftWindow {
  const tallies = Object.entries(window.tallies).map(([name, tally]) => {
    const last = before?.tallies[name];
    const variance = last === undefined || last.n === 0 || tally.n === 0 ? 0 : (tally.mean - last.mean) ** 2 / 4;
    return [name, { ...tally, variance }] as const;
  });
  return { ...window, tallies: Object.fromEntries(tallies) };
}

function heldBy(
  series: readonly WatchedSeries[],
  capital: Readonly<Record<string, readonly number[]>>,
  multipliers: Readonly<Record<string, readonly number[]>>,
  named: AlarmName,
): string {
  const held = ({ id }: WatchedSeries): number =>
    (multipliers[id] ?? []).reduce((sum, factor, at) => sum + factor * (capital[id]?.[at] ?? 0), 0);
  const [most] = series
    .filter((one) => one.bet !== null && (named.kind === 'feature' ? one.feature : one.group) === named.name)
    .sort((a, b) => held(b) - held(a));
  return most === undefined ? named.name : nameSeries(most);
}

const nameSeries = ({ feature, part }: WatchedSeries): string => `${feature}: ${namePart(part)}`;
