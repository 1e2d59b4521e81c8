import {
  acknowledgeAlarm,
  stepBudget,
  type Alarm,
  type AlarmName,
  type BettingTerm,
  type Evidence,
} from '../alarms/alarm-budget.ts';
import { armSlots } from '../alarms/alarm-weights.ts';
import { tickRate } from '../alarms/fleet-share.ts';
import {
  beginControl,
  controlTerms,
  observeControlRow,
  takeEvidence,
  type ControlRow,
} from '../detectors/concurrent-control.ts';
import type { ControlFeature } from '../detectors/control-learners.ts';
import { routedTerm, takeRoutedEvidence } from '../detectors/routed-requests.ts';
import type { ControlDraw } from '../samples/sample.ts';
import {
  emptyDrift,
  leastHistory,
  type DriftState,
  type DriftTerms,
  type OpenAlarm,
  type WatchedRow,
} from './drift-state.ts';
import { chooseSeries, namePart, seriesTerms, stepSeries, type WatchedSeries } from './series.ts';
import { addToTrail, trailPointOf } from './evidence-trail.ts';
import { keepAcknowledged, keepReplay } from '../explain/keep-replay.ts';
import { labelTerms } from '../labels/label-evidence.ts';
import type { LabelPlan } from '../labels/label-plan.ts';
import { describeRouted, stepRouted } from './observe/observe-traffic.ts';
import { controlWeights, labelWeights, planOf, routedShare, seriesWeights } from './watch-plan.ts';
import { addToWindow, closeWindow, emptyWindow, type DriftWindow } from './windows.ts';

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

/** The state after one captured row, and the window that it closed. */
export function observeRow(
  state: DriftState,
  row: WatchedRow,
  terms: DriftTerms,
): { readonly state: DriftState; readonly closed: DriftWindow | null } {
  if (!row.isAnswered) return { state: observeFailure(state, row), closed: null };
  if (state.features.length === 0) return observeRow(beginWatch(state, row), row, terms);
  if (!isOfPlan(state.features, row.features)) return observeStrange(state, row, terms);
  if (state.release !== terms.release)
    return observeRow({ ...withoutHistory(state), release: terms.release }, row, terms);
  const counted = {
    ...state,
    rows: state.rows + 1,
    strange: { rows: 0, features: [] },
    lastRowAtMs: row.atMs,
    ...observeControl(state, row),
    ...(row.release === terms.release ? stepRouted(state, row) : {}),
  };
  if (row.release !== terms.release) return { state: counted, closed: null };
  const window = addToWindow(state.window, state.features, row.values, row.atMs);
  const closed = closeWindow(window, state.windows + 1, row.atMs, terms.windowMs);
  if (closed === null) return { state: { ...counted, window }, closed };
  const { series, multipliers } = stepSeries(state.series, closed);
  return {
    closed,
    state: {
      ...counted,
      window: emptyWindow,
      units: [],
      windows: closed.number,
      series,
      pending: multiplied(state.pending, multipliers),
    },
  };
}

/**
 * A row without an answer compares replicas, whose failure it may be, and says nothing of outputs. It never decides what is
 * watched: whoever sends what the service refuses chooses its inputs.
 */
function observeFailure(state: DriftState, row: WatchedRow): DriftState {
  return { ...state, lastRowAtMs: row.atMs, ...observeControl(state, row) };
}

/** A capture that says nothing: counted by reason. */
export function countUnreadable(state: DriftState, reason: string): DriftState {
  const isRoom = Object.hasOwn(state.unreadable, reason) || Object.keys(state.unreadable).length < reasonsAtMost;
  const name = isRoom ? reason : 'other reasons';
  return { ...state, unreadable: { ...state.unreadable, [name]: (state.unreadable[name] ?? 0) + 1 } };
}

/** True when the history is long enough for another choice of bets: then `chooseBets` is due. */
export const isChoiceDue = (state: DriftState): boolean =>
  state.features.length > 0 &&
  state.windows - state.historyFrom + 1 >= state.chooseAt &&
  (state.series.length === 0 || state.series.some(({ bet }) => bet === null));

/**
 * Chooses the bets of all series that have none, from the windows since the history began. What was chosen before stays:
 * a bet that was chosen anew after each quiet day would never see a slow change.
 */
export function chooseBets(state: DriftState, history: readonly DriftWindow[]): DriftState {
  const ofHistory = history.filter(({ number }) => number >= state.historyFrom);
  const known = new Map(state.series.map((one) => [one.id, one]));
  const series = state.features.flatMap((feature) => {
    const standing = state.series.filter(({ feature: of }) => of === feature.name);
    if (standing.length > 0 && standing.every(({ bet }) => bet !== null)) return standing;
    const chosen = chooseSeries(feature, ofHistory);
    return standing.length === 0 ? chosen : standing.map((one) => keptOr(one, chosen, known));
  });
  const betsSinceMs = state.betsSinceMs ?? ofHistory.at(-1)?.toMs ?? null;
  // By the windows that were, not by those that are kept: else the choice would be due at every window.
  const windows = state.windows - state.historyFrom + 1;
  return { ...state, series, betsSinceMs, chooseAt: Math.ceil(1.5 * Math.max(leastHistory, windows)) };
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

/** Another release answers otherwise, as it should: its windows have a history of their own. */
const withoutHistory = (state: DriftState): DriftState => ({
  ...state,
  series: [],
  betsSinceMs: null,
  replay: undefined,
  pending: {},
  window: emptyWindow,
  historyFrom: state.windows + 1,
  chooseAt: leastHistory,
});

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
    ...seriesTerms(state.series, seriesWeights(state.features)),
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

const isOfPlan = (plan: readonly ControlFeature[], row: readonly ControlFeature[]): boolean =>
  row.length === plan.length &&
  row.every(({ name, kind }, index) => plan[index]?.name === name && plan[index]?.kind === kind);

/** Rows of another form are not mixed with those that are watched; where they go on, they are what is watched. */
function observeStrange(state: DriftState, row: WatchedRow, terms: DriftTerms): ReturnType<typeof observeRow> {
  const names = row.features.map(({ name }) => name);
  const isSame = names.join('\n') === state.strange.features.join('\n');
  const rows = isSame ? state.strange.rows + 1 : 1;
  if (rows > strangeRowsAtMost) return observeRow(beginWatch(state, row), row, terms);
  return { state: { ...state, strange: { rows, features: names }, lastRowAtMs: row.atMs }, closed: null };
}

function observeControl(
  state: DriftState,
  row: WatchedRow,
): Pick<Partial<DriftState>, 'control' | 'controlRows' | 'units'> {
  if (row.control === null || state.control === null || isCounted(state, row.unit)) return {};
  const units = row.unit === null ? state.units : [...state.units, row.unit];
  const { drawn, outcome } = row.control;
  const control = observeControlRow(state.control, {
    eligible: peersOf(row.control),
    drawn,
    outcome,
    values: row.values,
  });
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

function keptOr(
  one: WatchedSeries,
  chosen: readonly WatchedSeries[],
  known: ReadonlyMap<string, WatchedSeries>,
): WatchedSeries {
  const standing = known.get(one.id);
  if (standing !== undefined && standing.bet !== null) return standing;
  return chosen.find(({ id }) => id === one.id) ?? one;
}

function multiplied(
  before: Readonly<Record<string, readonly number[]>>,
  more: Readonly<Record<string, readonly number[]>>,
): Readonly<Record<string, readonly number[]>> {
  const next: Record<string, readonly number[]> = { ...before };
  for (const [id, factors] of Object.entries(more)) {
    next[id] = factors.map((factor, index) => factor * (before[id]?.[index] ?? 1));
  }
  return next;
}

function openAlarm(state: DriftState, alarm: Alarm, atMs: number, release: number): OpenAlarm {
  const ofRouting = describeRouted(state, alarm);
  if (ofRouting !== null) return { ...alarm, atMs, release, ...ofRouting };
  const isNamed = ({ feature, group }: WatchedSeries): boolean =>
    alarm.kind === 'feature' ? feature === alarm.name : group === alarm.name;
  const held = ({ id }: WatchedSeries): number => sumOf(state.budget.capital[id]) * sumOf(state.pending[id] ?? [1]);
  const named = state.series.filter((one) => isNamed(one) && one.bet !== null);
  const most = named.reduce((largest, one) => Math.max(largest, held(one)), 0);
  const told = named
    .filter((one) => held(one) >= toldShare * most)
    .sort((a, b) => toldFirst.indexOf(a.part.of) - toldFirst.indexOf(b.part.of) || held(b) - held(a))[0];
  return {
    ...alarm,
    atMs,
    release,
    sinceMs: state.betsSinceMs ?? 0,
    moved: alarm.arm !== null || told === undefined ? '' : describeMove(told),
  };
}

/** Of the series that moved people are told the one that says most: a mean before its spread. */
const toldFirst: readonly WatchedSeries['part']['of'][] = ['mean', 'category', 'new', 'missing', 'spread'];
/** Other series of the feature moved too where they hold this part of the largest capital. */
const toldShare = 0.001;

const sumOf = (values: readonly number[] = []): number => values.reduce((sum, value) => sum + value, 0);

/** `pixels.mean: mean went from 0.13 up to 0.87` */
function describeMove({ feature, part, usual, bet }: WatchedSeries): string {
  const last = bet?.last ?? null;
  const what = namePart(part);
  if (last === null || usual === null) return `${feature}: ${what} moved`;
  return `${feature}: ${what} went from ${shortNumber(usual)} ${last >= usual ? 'up' : 'down'} to ${shortNumber(last)}`;
}

const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));
