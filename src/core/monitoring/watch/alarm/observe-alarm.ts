import { delayOfShift } from '../../detectors/control-power.ts';
import type { AlarmRemedy } from '../../remedy/alarm-remedy.ts';
import type {
  Change,
  ControlFinding,
  DriftFinding,
  FileFinding,
  NodeEvent,
  Observations,
  ReplicaGolden,
} from '../../triage/observations.ts';
import { countLook, reviewAnswer } from '../../triage/look-again.ts';
import { triage } from '../../triage/triage.ts';
import type { LabelState } from '../../labels/label-state.ts';
import { changedInputs } from '../inputs/changed-inputs.ts';
import type { DriftState, LeftReference, OpenAlarm } from '../drift-state.ts';
import { settleMs } from '../../triage/reading.ts';
import { driftStatus } from '../drift-status.ts';
import type { MonitoringTerms } from '../monitoring-terms.ts';
import { describeObservations } from '../observed-words.ts';
import { readAllDistances, readDistances } from '../windows/reference-distance.ts';
import { exceedingOf } from '../../distance/tell-distances.ts';
import { isWithinTolerance } from '../../distance/upper-limit.ts';
import {
  hasLabelAlarm,
  isLabelAlarm,
  lastAgreedMs,
  observeQuality,
  type RowsSpan,
} from '../observe/observe-quality.ts';
import { observeTraffic } from '../observe/observe-traffic.ts';

/** A comparison that found nothing says so once it would have found a shift of so many standard deviations. */
const shiftThatMatters = 0.5;

/** What others saw of an alarm. */
export interface SeenOfAlarm {
  readonly golden: readonly ReplicaGolden[];
  readonly changes: readonly Change[];
  readonly files: readonly FileFinding[];
  readonly nodeEvents: readonly NodeEvent[];
  /** Null where labels are not judged. */
  readonly labels?: LabelState | null;
}

type Observing = Pick<OpenAlarm, 'sinceMs' | 'atMs'> & Partial<Pick<OpenAlarm, 'kind' | 'name'>>;

/**
 * What was observed of an alarm, for triage. What nobody looked at is unknown: releases against one another.
 */
export function observeAlarm(
  state: DriftState,
  alarm: Observing,
  terms: MonitoringTerms,
  { golden, changes, files, nodeEvents, labels = null }: SeenOfAlarm,
): Observations {
  const isOfLabels = labels !== null && isLabelAlarm(alarm, labels);
  const stable = stableRows(state, terms, isOfLabels ? 0 : alarm.atMs);
  const { quality, isOfStable } = observeQuality(labels, stable, hasLabelAlarm(state, labels));
  // Quality fell at some time and inputs are as evaluated at another: that says nothing of the same rows.
  const holds = quality.verdict === 'fell' && !isOfStable ? null : stable;
  const fellAfterMs = isOfLabels ? lastAgreedMs(labels) : null;
  const fromMs = Math.max(alarm.sinceMs, fellAfterMs ?? alarm.sinceMs);
  return {
    onset: { fromMs, toMs: alarm.atMs },
    golden,
    replicas: compareReplicas(state, terms, labels),
    releases: { verdict: 'unknown' },
    inputs: movedOf(state, terms, true, holds !== null),
    outputs: movedOf(state, terms, false, holds !== null),
    quality,
    traffic: observeTraffic(state),
    changedInputs: changedInputs(state),
    ...{ files, nodeEvents, changes: changes.filter(({ atMs }) => !(atMs < fromMs - settleMs)) },
  };
}

function compareReplicas(state: DriftState, terms: MonitoringTerms, labels: LabelState | null): ControlFinding {
  const { comparison } = driftStatus(state, terms);
  const rows = state.control?.rows ?? 0;
  const arms = new Set(state.alarms.flatMap(({ arm }) => arm ?? []));
  const [arm = null] = arms;
  // Alarms that name different replicas say together that replicas differ, and not which.
  if (arm !== null) return { verdict: 'named', arm: arms.size === 1 ? arm : null, rows };
  if (state.alarms.some((each) => isOfReplicas(each, labels))) return { verdict: 'named', arm: null, rows };
  if (comparison === null || terms.rate === null) return { verdict: rows === 0 ? 'one-arm' : 'unknown' };
  const { replicas, rowsPerHour, weight } = comparison;
  const delay = delayOfShift({ shift: shiftThatMatters, arms: replicas, rowsPerHour, rate: terms.rate, weight });
  return delay === null ? { verdict: 'unknown' } : { verdict: 'none', rows, neededRows: delay.rows };
}

/** An alarm of neither labels, series nor routing is one of replicas, of which two are not told apart. */
const isOfReplicas = (alarm: OpenAlarm, labels: LabelState | null): boolean =>
  alarm.moved === '' && (labels === null || !isLabelAlarm(alarm, labels));

function movedOf(state: DriftState, terms: MonitoringTerms, areInputs: boolean, isStable: boolean): DriftFinding {
  const exceeding = exceedingOf(readAllDistances(state, terms), terms.tolerance);
  const features = exceeding
    .filter(({ group }) => state.inputGroups.includes(group) === areInputs)
    .map(({ name }) => name);
  const verdict = features.length > 0 ? 'moved' : isStable ? 'stable' : 'unknown';
  return { verdict, features: [...new Set(features)] };
}

/**
 * The rows over which every distance, of inputs and outputs, is known to be within the tolerance; null where one of them is
 * not, or its rows are from before `sinceMs`, or live data left its reference and nobody acknowledged that.
 */
function stableRows(state: DriftState, terms: MonitoringTerms, sinceMs: number): RowsSpan | null {
  const distances = readDistances(state, terms);
  if (distances.length === 0 || (state.left ?? null) !== null) return null;
  const spans = distances.flatMap((each) =>
    each.state === 'known' && isWithinTolerance(each, terms.tolerance)
      ? [{ fromMs: each.sinceMs, toMs: each.untilMs ?? each.sinceMs }]
      : [],
  );
  if (spans.length < distances.length || spans.some(({ fromMs }) => fromMs < sinceMs)) return null;
  return {
    fromMs: Math.max(...spans.map(({ fromMs }) => fromMs)),
    toMs: Math.min(...spans.map(({ toMs }) => toMs)),
  };
}

/**
 * What was observed of live data that left its reference. Where rows of the release agreed with its reference before, what
 * went before that explains nothing: the release had brought its reference by then.
 */
export function observeLeft(
  state: DriftState,
  left: LeftReference,
  terms: MonitoringTerms,
  seen: SeenOfAlarm,
): Observations {
  const changes = left.isChange ? seen.changes.filter(({ atMs }) => atMs > left.sinceMs) : seen.changes;
  return observeAlarm(state, left, terms, { ...seen, changes });
}

/** What triage made of something, and what it had before it. */
export type Found = Required<Pick<OpenAlarm, 'diagnosis' | 'observed'>> & Pick<OpenAlarm, 'looks'>;

/** When the newest alarm was raised, or live data left; what is open may have another reason then. */
export const newestAlarmMs = ({ alarms, left = null }: DriftState): number =>
  Math.max(-Infinity, left?.atMs ?? -Infinity, ...alarms.map(({ atMs }) => atMs));

/** What is said of what stands after one more look. What triage had before an answer stays with the answer. */
export function findAgain(standing: Partial<Found>, observations: Observations, nowMs: number): Found {
  const diagnosis = reviewAnswer(standing.diagnosis, triage(observations), observations);
  const isSame = diagnosis === standing.diagnosis && standing.observed !== undefined;
  const looks = countLook(standing, diagnosis, nowMs);
  return {
    diagnosis,
    observed: isSame ? (standing.observed ?? []) : describeObservations(observations),
    ...(looks === undefined ? {} : { looks }),
  };
}

/** The state with what triage made of an alarm; unchanged where the alarm is not open any more. */
export const withDiagnosis = (state: DriftState, of: OpenAlarm, found: Found): DriftState => ({
  ...state,
  alarms: state.alarms.map((alarm) =>
    alarm.kind === of.kind && alarm.name === of.name && alarm.atMs === of.atMs ? { ...alarm, ...found } : alarm,
  ),
});

/** The state with what the watch did about an alarm by itself; it acts no more for that long, unless it did nothing. */
export const withRemedy = (state: DriftState, of: OpenAlarm, remedied: AlarmRemedy): DriftState => ({
  ...state,
  ...(remedied.did === 'nothing' ? {} : { actedAtMs: remedied.atMs }),
  alarms: state.alarms.map((alarm) =>
    alarm.kind === of.kind && alarm.name === of.name && alarm.atMs === of.atMs ? { ...alarm, remedied } : alarm,
  ),
});

/** The same of live data that left its reference. */
export const withLeftDiagnosis = (state: DriftState, of: LeftReference, found: Found): DriftState =>
  state.left?.atMs === of.atMs ? { ...state, left: { ...state.left, ...found } } : state;
