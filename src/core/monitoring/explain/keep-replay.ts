import type { AlarmBudget, AlarmName } from '../alarms/alarm-budget.ts';
import { tickRate } from '../alarms/fleet-share.ts';
import type { SeriesBet } from '../detectors/series-bets.ts';
import { listSlices, mapSlices } from '../slices/slice-state.ts';
import type { DriftState, DriftTerms } from '../watch/drift-state.ts';
import type { WindowHistory } from '../watch/windows/window-history.ts';
import type { DriftWindow } from '../watch/windows/windows.ts';
import type { MovingBet, ReplayLog, ReplayMark } from './replay-log.ts';

/** A replay goes back so far at most: half of the windows that are kept, so that all of its windows are there. */
const windowsAtMost = 1_000;
const marksAtMost = 50;

/** The state after a tick: each history with a new beginning for replays where it has none, or that lies too far back. */
export function keepReplay(before: DriftState, after: DriftState, alarm: AlarmName | null): DriftState {
  const isOther = hasOtherStakes(before, after);
  return withReplays(after, (history) => {
    const { replay: log, windows } = history;
    const isFull = log !== undefined && (windows - log.window >= windowsAtMost || log.marks.length >= marksAtMost);
    if (log === undefined || isFull || isOther) return beginReplay(history, after.budget);
    return alarm === null ? log : mark(log, windows, 'alarm', [alarm]);
  });
}

/** Another version bets in other parts: what was held by the old ones is gone, and no window tells of it. */
const hasOtherStakes = (before: DriftState, after: DriftState): boolean =>
  Object.entries(after.budget.capital).some(([id, held]) => (before.budget.capital[id] ?? held).length !== held.length);

/** The state after somebody acknowledged alarms, with what that unlatched. */
export function keepAcknowledged(before: DriftState, after: DriftState): DriftState {
  const gone = before.budget.latched.filter((named) => !after.budget.latched.includes(named));
  return withReplays(after, ({ replay: log, windows }) =>
    log === undefined ? log : mark(log, windows, 'acknowledged', gone),
  );
}

function withReplays(state: DriftState, replayOf: (history: WindowHistory) => ReplayLog | undefined): DriftState {
  const { slices } = state;
  if (listSlices(slices).length === 0 || slices === undefined) return { ...state, replay: replayOf(state) };
  const sliced = mapSlices(slices, (slice) => ({ ...slice, replay: replayOf(slice) }));
  return { ...state, replay: replayOf(state), slices: sliced };
}

/** The windows of one write: the last of them, and of each slice, tells how the tick of that write moved the capital. */
export function stampTick(
  windows: readonly DriftWindow[],
  state: DriftState,
  nowMs: number,
  terms: DriftTerms,
): readonly DriftWindow[] {
  const elapsedMs = state.tickedAtMs === null ? 0 : nowMs - state.tickedAtMs;
  const rate = terms.rate === null ? null : tickRate(state, terms.rate, terms, nowMs).rate;
  const isLast = ({ slot }: DriftWindow, at: number): boolean =>
    !windows.some((other, later) => later > at && other.slot === slot);
  return windows.map((window, at) => (isLast(window, at) ? { ...window, tick: { elapsedMs, rate } } : window));
}

export const movingPartOf = ({ last, lastError = 0, beyond = 0, spread = 1, filled }: SeriesBet): MovingBet => ({
  last,
  lastError,
  beyond,
  spread,
  filled,
});

function beginReplay({ windows, series }: WindowHistory, budget: AlarmBudget): ReplayLog {
  const starts = series.flatMap(({ id, bet }) =>
    bet === null ? [] : [[id, { capital: budget.capital[id] ?? [], bet: movingPartOf(bet) }] as const],
  );
  return { window: windows, latched: budget.latched, series: Object.fromEntries(starts), marks: [] };
}

function mark(log: ReplayLog, window: number, of: ReplayMark['of'], names: readonly AlarmName[]): ReplayLog {
  const marks = names.map(({ kind, name }) => ({ window, of, kind, name }));
  return { ...log, marks: [...log.marks, ...marks] };
}
