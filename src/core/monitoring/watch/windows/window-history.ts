import type { Cells } from '../../detectors/cells.ts';
import type { ControlFeature } from '../../detectors/control-learners.ts';
import type { ReplayLog } from '../../explain/replay-log.ts';
import { chooseSeries, stepSeries, type FollowedFeature, type WatchedSeries } from './series.ts';
import { draftOf, type Drafts } from '../drafts.ts';
import { closeWindow, countRow, draftWindow, emptyWindow, type DriftWindow, type OpenWindow } from './windows.ts';

/** Windows that follow one another, of all rows or of the rows of a slice, and the series over them. Plain JSON. */
export interface WindowHistory {
  readonly window: OpenWindow;
  /** Number of the last window that closed; those from `historyFrom` on are the history that series are chosen by. */
  readonly windows: number;
  readonly historyFrom: number;
  readonly series: readonly WatchedSeries[];
  /** Windows of history after which the series are chosen again. */
  readonly chooseAt: number;
  /** Since when the present series are judged; null while none is. */
  readonly betsSinceMs: number | null;
  /** What a replay of the windows begins with; absent before the first tick of a history. */
  readonly replay?: ReplayLog | undefined;
  /** The shorter history of outputs, since a release whose inputs carried on; absent where all features have the same. */
  readonly outputs?: PartHistory | undefined;
}

/** Where the history of some features begins. */
interface PartHistory {
  readonly from: number;
  readonly chooseAt: number;
  readonly betsSinceMs: number | null;
}

/** Where the series are chosen first: what `chooseSeriesBet` asks for at least. */
export const leastHistory = 400;

/** A history whose first window has the number after `windows`. */
export const beginHistory = (windows: number) =>
  ({
    window: emptyWindow,
    windows,
    historyFrom: windows + 1,
    series: [],
    chooseAt: leastHistory,
    betsSinceMs: null,
    replay: undefined,
    outputs: undefined,
  }) satisfies WindowHistory;

/** What one more row changes in a history, the window that it closed, and the multipliers of the series by id. */
export interface HistoryStep {
  readonly moved: Partial<WindowHistory>;
  readonly closed: DriftWindow | null;
  readonly multipliers: Readonly<Record<string, readonly number[]>>;
}

export function stepHistory(
  history: WindowHistory,
  features: readonly ControlFeature[],
  { cells, atMs }: { readonly cells: Cells; readonly atMs: number },
  windowMs: number,
  drafts: Drafts,
): HistoryStep {
  const window = draftOf(drafts, history.window, draftWindow);
  countRow(window, features, cells, atMs);
  const closed = closeWindow(window, history.windows + 1, atMs, windowMs);
  if (closed === null) return { moved: { window }, closed, multipliers: {} };
  const { series, multipliers } = stepSeries(history.series, closed);
  return { moved: { window: emptyWindow, windows: closed.number, series }, closed, multipliers };
}

/** The history in which what is no input begins anew: another release answers otherwise, and is asked the same. */
export function restartOutputs(history: WindowHistory, inputs: ReadonlySet<string>): Partial<WindowHistory> {
  const { windows, replay } = history;
  const series = history.series.filter((one) => inputs.has(one.of?.name ?? one.feature));
  const ids = new Set(series.map(({ id }) => id));
  const starts = Object.entries(replay?.series ?? {}).filter(([id]) => ids.has(id));
  return {
    window: emptyWindow,
    series,
    replay: replay === undefined ? undefined : { ...replay, series: Object.fromEntries(starts) },
    outputs: { from: windows + 1, chooseAt: leastHistory, betsSinceMs: null },
  };
}

/** True when the history is long enough for another choice of bets. `inputs` are names without a slice. */
export const isDue = (
  history: WindowHistory,
  features: readonly FollowedFeature[],
  inputs: ReadonlySet<string>,
): boolean => findDue(history, features, inputs).length > 0;

/**
 * Chooses the bets of the series that have none and are due, from the windows since their history began. What was chosen
 * before stays: a bet that was chosen anew after each quiet day would never see a slow change.
 */
export function chooseDue(
  history: WindowHistory,
  features: readonly FollowedFeature[],
  inputs: ReadonlySet<string>,
  windows: readonly DriftWindow[],
): Partial<WindowHistory> {
  const due = findDue(history, features, inputs);
  const series = features.flatMap((feature) => {
    const standing = history.series.filter((one) => one.feature === feature.name);
    const part = due.find(({ holds }) => holds(feature));
    if (part === undefined || (standing.length > 0 && standing.every(({ bet }) => bet !== null))) return standing;
    const chosen = chooseSeries(
      feature,
      windows.filter(({ number }) => number >= part.from),
    );
    if (standing.length === 0) return chosen;
    return standing.map((one) => (one.bet !== null ? one : (chosen.find(({ id }) => id === one.id) ?? one)));
  });
  const next = (part: PartHistory): Pick<PartHistory, 'chooseAt' | 'betsSinceMs'> => ({
    betsSinceMs: part.betsSinceMs ?? windows.at(-1)?.toMs ?? null,
    // By the windows that were, not by those that are kept: else the choice would be due at every window.
    chooseAt: Math.ceil(1.5 * Math.max(leastHistory, history.windows - part.from + 1)),
  });
  const first = due.find(({ isOfOutputs }) => !isOfOutputs);
  const second = due.find(({ isOfOutputs }) => isOfOutputs);
  return {
    series,
    ...(first === undefined ? {} : next(first)),
    ...(second === undefined ? {} : { outputs: { from: second.from, ...next(second) } }),
  };
}

interface Part extends PartHistory {
  readonly isOfOutputs: boolean;
  holds(feature: FollowedFeature): boolean;
}

function findDue(
  history: WindowHistory,
  features: readonly FollowedFeature[],
  inputs: ReadonlySet<string>,
): readonly Part[] {
  const { windows, series } = history;
  const late = partsOf(history, inputs).filter(({ from, chooseAt }) => windows - from + 1 >= chooseAt);
  if (late.length === 0) return late;
  const waiting = new Set(series.filter(({ bet }) => bet === null).map(({ feature }) => feature));
  const known = new Set(series.map(({ feature }) => feature));
  const isWaiting = ({ name }: FollowedFeature): boolean => !known.has(name) || waiting.has(name);
  return late.filter((part) => features.some((feature) => part.holds(feature) && isWaiting(feature)));
}

function partsOf(history: WindowHistory, inputs: ReadonlySet<string>): readonly Part[] {
  const { historyFrom, chooseAt, betsSinceMs, outputs } = history;
  const isInput = ({ name, of }: FollowedFeature): boolean => inputs.has(of?.name ?? name);
  const first = { from: historyFrom, chooseAt, betsSinceMs, isOfOutputs: false };
  if (outputs === undefined) return [{ ...first, holds: () => true }];
  return [
    { ...first, holds: isInput },
    { ...outputs, isOfOutputs: true, holds: (feature) => !isInput(feature) },
  ];
}
