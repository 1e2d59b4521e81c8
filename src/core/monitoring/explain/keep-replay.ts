import type { AlarmName } from '../alarms/alarm-budget.ts';
import { tickRate } from '../alarms/fleet-share.ts';
import type { SeriesBet } from '../detectors/series-bets.ts';
import type { DriftState, DriftTerms } from '../watch/drift-state.ts';
import type { DriftWindow } from '../watch/windows.ts';
import type { MovingBet, ReplayLog, ReplayMark } from './replay-log.ts';

/** A replay goes back so far at most: half of the windows that are kept, so that all of its windows are there. */
const windowsAtMost = 1_000;
const marksAtMost = 50;

/** The state after a tick, with a new beginning for replays where there is none or it lies too far back. */
export function keepReplay(before: DriftState, after: DriftState, alarm: AlarmName | null): DriftState {
  const log = before.replay;
  const isDue = log === undefined || after.windows - log.window >= windowsAtMost || log.marks.length >= marksAtMost;
  if (isDue) return { ...after, replay: beginReplay(after) };
  return alarm === null ? after : { ...after, replay: mark(log, after.windows, 'alarm', [alarm]) };
}

/** The state after somebody acknowledged alarms, with what that unlatched. */
export function keepAcknowledged(before: DriftState, after: DriftState): DriftState {
  if (before.replay === undefined) return after;
  const gone = before.budget.latched.filter((named) => !after.budget.latched.includes(named));
  return { ...after, replay: mark(before.replay, after.windows, 'acknowledged', gone) };
}

/** The windows of one write: the last of them tells how the tick of that write moved the capital. */
export function stampTick(
  windows: readonly DriftWindow[],
  state: DriftState,
  nowMs: number,
  terms: DriftTerms,
): readonly DriftWindow[] {
  const elapsedMs = state.tickedAtMs === null ? 0 : nowMs - state.tickedAtMs;
  const rate = terms.rate === null ? null : tickRate(state, terms.rate, terms, nowMs).rate;
  return windows.map((window, at) => (at < windows.length - 1 ? window : { ...window, tick: { elapsedMs, rate } }));
}

export const movingPartOf = ({ last, lastError = 0, beyond = 0, spread = 1, filled }: SeriesBet): MovingBet => ({
  last,
  lastError,
  beyond,
  spread,
  filled,
});

function beginReplay({ windows, budget, series }: DriftState): ReplayLog {
  const starts = series.flatMap(({ id, bet }) =>
    bet === null ? [] : [[id, { capital: budget.capital[id] ?? [], bet: movingPartOf(bet) }] as const],
  );
  return { window: windows, latched: budget.latched, series: Object.fromEntries(starts), marks: [] };
}

function mark(log: ReplayLog, window: number, of: ReplayMark['of'], names: readonly AlarmName[]): ReplayLog {
  const marks = names.map(({ kind, name }) => ({ window, of, kind, name }));
  return { ...log, marks: [...log.marks, ...marks] };
}
