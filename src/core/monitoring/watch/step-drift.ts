import {
  acknowledgeAlarm,
  stepBudget,
  type AlarmName,
  type BettingTerm,
  type Evidence,
} from '../alarms/alarm-budget.ts';
import { armSlots } from '../alarms/alarm-weights.ts';
import { tickRate } from '../alarms/fleet-share.ts';
import { readCells, type Cells } from '../detectors/cells.ts';
import {
  addControlRow,
  beginControl,
  controlTerms,
  draftControl,
  takeEvidence,
  type ControlRow,
} from '../detectors/concurrent-control.ts';
import type { ControlFeature } from '../detectors/control-learners.ts';
import { routedTerm, takeRoutedEvidence } from '../detectors/routed-requests.ts';
import type { ControlDraw } from '../samples/sample.ts';
import { emptyDrift, type DriftState, type DriftTerms, type OpenAlarm, type WatchedRow } from './drift-state.ts';
import { draftOf, type Drafts } from './drafts.ts';
import { beginRelease, isOfTerms, withoutHistory } from './begin-release.ts';
import { inputNames } from './inputs/input-names.ts';
import { openAlarm } from './alarm/open-alarm.ts';
import { addToTrail, trailPointOf } from './alarm/evidence-trail.ts';
import { keepAcknowledged, keepReplay } from '../explain/keep-replay.ts';
import { chooseSliceBets, countInSlices, findDueSlices, observeInSlices } from '../slices/observe-slices.ts';
import type { Slice } from '../slices/slice-state.ts';
import { labelTerms } from '../labels/label-evidence.ts';
import type { LabelPlan } from '../labels/label-plan.ts';
import { stepRouted } from './observe/observe-traffic.ts';
import { controlWeights, historyTerms, labelWeights, planOf, routedShare } from './watch-plan.ts';
import { chooseDue, isDue, stepHistory } from './windows/window-history.ts';
import type { DriftWindow } from './windows/windows.ts';

/** What labels say since the last tick. */
export interface LabelBets {
  readonly plan: LabelPlan;
  readonly evidence: Evidence;
}

/** Features of a row that are not watched start the watch anew where so many rows in a row have others. */
const strangeRowsAtMost = 100;
const reasonsAtMost = 10;
/** Sticky keys that one window has rows of; those of more keys are not compared. */
const unitsAtMost = 500;

/** What one captured row made of the state, the window of all rows that it closed, and the windows of slices. */
export interface RowStep {
  readonly state: DriftState;
  readonly closed: DriftWindow | null;
  readonly ofSlices: readonly DriftWindow[];
}

const closesNothing = { closed: null, ofSlices: [] };

/**
 * The state after one row. Rows of one batch share `drafts`: what the batch made of the state is counted into in place, so that
 * the states between them must not be used again.
 */
export function observeRow(
  state: DriftState,
  row: WatchedRow,
  terms: DriftTerms,
  drafts: Drafts = new WeakSet(),
): RowStep {
  if (!row.isAnswered) return { state: observeFailure(state, row, drafts), ...closesNothing };
  if (state.features.length === 0) return observeRow(beginWatch(state, row), row, terms, drafts);
  if (!isOfPlan(state.features, row.features)) return observeStrange(state, row, terms, drafts);
  if (!isOfTerms(state, terms)) return observeRow(beginRelease(state, row, terms), row, terms, drafts);
  const { atMs } = row;
  const cells = readCells(row.features, row);
  const counted = {
    ...state,
    rows: state.rows + 1,
    strange: { rows: 0, features: [] },
    lastRowAtMs: atMs,
    ...observeControl(state, row, cells, drafts),
    ...(row.release === terms.release ? stepRouted(state, row) : {}),
  };
  if (row.release !== terms.release) return { state: counted, ...closesNothing };
  const { closed, moved, multipliers } = stepHistory(state, state.features, { cells, atMs }, terms.windowMs, drafts);
  const ofSlices = state.slices === undefined ? null : observeInSlices(state.slices, row, terms.windowMs, drafts);
  const slices = ofSlices?.state;
  return {
    closed,
    ofSlices: ofSlices?.closed ?? [],
    state: {
      ...counted,
      ...moved,
      units: closed === null ? counted.units : [],
      slices: slices === undefined || closed === null ? slices : countInSlices(slices, closed),
      pending: multiplied(state.pending, { ...multipliers, ...ofSlices?.multipliers }),
    },
  };
}

/**
 * A row without an answer compares replicas, whose failure it may be, and says nothing of outputs. It never decides what is
 * watched: whoever sends what the service refuses chooses its inputs.
 */
function observeFailure(state: DriftState, row: WatchedRow, drafts: Drafts): DriftState {
  const cells = readCells(state.features, row);
  return { ...state, lastRowAtMs: row.atMs, ...observeControl(state, row, cells, drafts) };
}

/** A capture that says nothing: counted by reason. */
export function countUnreadable(state: DriftState, reason: string): DriftState {
  const isRoom = Object.hasOwn(state.unreadable, reason) || Object.keys(state.unreadable).length < reasonsAtMost;
  const name = isRoom ? reason : 'other reasons';
  return { ...state, unreadable: { ...state.unreadable, [name]: (state.unreadable[name] ?? 0) + 1 } };
}

/** True when a history is long enough for another choice of bets: then `chooseBets` is due. */
export const isChoiceDue = (state: DriftState): boolean =>
  state.features.length > 0 && isDue(state, state.features, inputNames(state));

/** Chooses the bets of the series that have none, from the windows of all rows since their history began. */
export const chooseBets = (state: DriftState, windows: readonly DriftWindow[]): DriftState => ({
  ...state,
  ...chooseDue(state, state.features, inputNames(state), windows),
});

/** Slices whose history is long enough for a choice of bets: then `chooseBetsOfSlice` is due for each. */
export const listDueSlices = (state: DriftState): readonly Slice[] => findDueSlices(state.slices, inputNames(state));

/** Chooses the bets of a slice, from the windows of it since its history began. */
export function chooseBetsOfSlice(state: DriftState, slot: number, windows: readonly DriftWindow[]): DriftState {
  if (state.slices === undefined) return state;
  return { ...state, slices: chooseSliceBets(state.slices, slot, inputNames(state), windows) };
}

/** Moves the alarm budget by what came since the last tick. The first tick begins the watched time. */
export function tickDrift(
  state: DriftState,
  nowMs: number,
  terms: DriftTerms,
  labels: LabelBets | null = null,
): { readonly state: DriftState; readonly alarm: OpenAlarm | null } {
  const elapsedMs = state.tickedAtMs === null ? 0 : nowMs - state.tickedAtMs;
  const { evidence: ofControl, state: control } =
    state.control === null ? { evidence: {}, state: null } : takeEvidence(state.control);
  const ofRouting = state.routed === undefined ? null : takeRoutedEvidence(state.routed);
  const routed = ofRouting?.state;
  const arms = state.control?.bets.map(({ arm }) => arm) ?? [];
  const slots = armSlots(state.slots, arms.length);
  const betting = bettingTerms(state, arms, slots, labels?.plan ?? null);
  if (terms.rate === null) return { state: { ...state, control, routed, pending: {}, tickedAtMs: nowMs }, alarm: null };
  const { fleet, rate } = tickRate(state, terms.rate, terms, nowMs);
  const tick = {
    elapsedMs,
    rate,
    terms: betting,
    evidence: { ...ofControl, ...ofRouting?.evidence, ...state.pending, ...labels?.evidence },
  };
  const { budget, alarm } = stepBudget(state.budget, tick);
  const opened = alarm === null ? null : openAlarm(state, alarm, nowMs, terms.release);
  return {
    alarm: opened,
    state: keepReplay(
      state,
      {
        ...state,
        control,
        routed,
        slots,
        budget,
        fleet,
        tickedAtMs: nowMs,
        pending: {},
        alarms: opened === null ? state.alarms : [...state.alarms, opened],
        trail: addToTrail(state.trail ?? [], trailPointOf(budget, betting, alarm, nowMs)),
      },
      alarm,
    ),
  };
}

/**
 * The state after somebody acknowledged an alarm, or all. With `newReference` what lies behind is no reference any more:
 * the history of windows begins anew.
 */
export function acknowledge(state: DriftState, named: AlarmName | 'all', newReference: boolean): DriftState {
  const isNamed = (alarm: AlarmName): boolean =>
    named === 'all' || (alarm.kind === named.kind && alarm.name === named.name);
  const acknowledged = keepAcknowledged(state, {
    ...state,
    budget: acknowledgeAlarm(state.budget, named),
    alarms: state.alarms.filter((alarm) => !isNamed(alarm)),
  });
  if (!newReference) return acknowledged;
  return withoutHistory(acknowledged);
}

/** The betting terms of a tick; their weights are fixed by the plan, the series and the arms, never by what they hold. */
function bettingTerms(
  state: DriftState,
  arms: readonly string[],
  slots: number,
  labels: LabelPlan | null,
): readonly BettingTerm[] {
  const plan = planOf(state.features);
  return [
    ...controlTerms(plan, controlWeights(state.features), arms, slots),
    ...(state.routed === undefined ? [] : [routedTerm(routedShare)]),
    ...historyTerms(state),
    ...(labels === null ? [] : labelTerms(labels, labelWeights(labels))),
  ];
}

function beginWatch(state: DriftState, { features, inputGroups }: WatchedRow): DriftState {
  const { budget, alarms, unreadable, windows, tickedAtMs, release, actedAtMs, fleet, failures, trail = [] } = state;
  const begun = { ...emptyDrift, release, inputGroups, features, control: beginControl(planOf(features)) };
  // What is latched stays so, and the capital of features that are gone goes with them.
  return {
    ...begun,
    budget: { ...budget, capital: {} },
    alarms,
    trail,
    unreadable,
    windows,
    tickedAtMs,
    fleet,
    failures,
    historyFrom: windows + 1,
    ...(actedAtMs === undefined ? {} : { actedAtMs }),
  };
}

/** Rows of one form share their list of features, and so do states: lists that are the same are compared once. */
const samePlans = new WeakMap<readonly ControlFeature[], readonly ControlFeature[]>();

function isOfPlan(plan: readonly ControlFeature[], row: readonly ControlFeature[]): boolean {
  if (samePlans.get(row) === plan) return true;
  const isSame =
    row.length === plan.length &&
    row.every(({ name, kind }, index) => plan[index]?.name === name && plan[index]?.kind === kind);
  if (isSame) samePlans.set(row, plan);
  return isSame;
}

/** Rows of another form are not mixed with those that are watched; where they go on, they are what is watched. */
function observeStrange(state: DriftState, row: WatchedRow, terms: DriftTerms, drafts: Drafts): RowStep {
  const names = row.features.map(({ name }) => name);
  const isSame = names.join('\n') === state.strange.features.join('\n');
  const rows = isSame ? state.strange.rows + 1 : 1;
  if (rows > strangeRowsAtMost) return observeRow(beginWatch(state, row), row, terms, drafts);
  return { state: { ...state, strange: { rows, features: names }, lastRowAtMs: row.atMs }, ...closesNothing };
}

function observeControl(
  state: DriftState,
  row: WatchedRow,
  cells: Cells,
  drafts: Drafts,
): Pick<Partial<DriftState>, 'control' | 'controlRows' | 'units'> {
  if (row.control === null || state.control === null || isCounted(state, row.unit)) return {};
  const units = row.unit === null ? state.units : [...state.units, row.unit];
  const { drawn, outcome } = row.control;
  const control = draftOf(drafts, state.control, draftControl);
  addControlRow(control, { eligible: peersOf(row.control), drawn, outcome }, cells);
  return { control, controlRows: state.controlRows + 1, units };
}

const isCounted = ({ units }: DriftState, unit: string | null): boolean =>
  unit !== null && (units.length >= unitsAtMost || units.includes(unit));

/**
 * The replicas of the drawn release, with the probabilities of the draw among them. Replicas of another release answer
 * otherwise, as they should; whether a release is worse is for the judge of its steps.
 */
function peersOf({ eligible, drawn }: ControlDraw): ControlRow['eligible'] {
  const release = eligible.find(({ replicaId }) => replicaId === drawn)?.release;
  const peers = eligible.filter((each) => each.release === release);
  const share = peers.reduce((sum, { propensityShare }) => sum + propensityShare, 0);
  return peers.map(({ replicaId, propensityShare }) => ({ arm: replicaId, propensityShare: propensityShare / share }));
}

function multiplied(
  before: Readonly<Record<string, readonly number[]>>,
  more: Readonly<Record<string, readonly number[]>>,
): Readonly<Record<string, readonly number[]>> {
  const ids = Object.entries(more);
  if (ids.length === 0) return before;
  const next: Record<string, readonly number[]> = { ...before };
  for (const [id, factors] of ids) {
    next[id] = factors.map((factor, index) => factor * (before[id]?.[index] ?? 1));
  }
  return next;
}
