import { delayOfShift } from '../detectors/control-power.ts';
import type { AlarmRemedy } from '../remedy/alarm-remedy.ts';
import type {
  Change,
  ControlFinding,
  DriftFinding,
  FileFinding,
  NodeEvent,
  Observations,
  ReplicaGolden,
} from '../triage/observations.ts';
import type { DriftState, LeftReference, OpenAlarm } from './drift-state.ts';
import { driftStatus } from './drift-status.ts';
import type { MonitoringTerms } from './monitoring-terms.ts';
import { readDistances } from './reference-distance.ts';
import { exceedingOf } from '../distance/distance.ts';

/** A comparison that found nothing says so once it would have found a shift of so many standard deviations. */
const shiftThatMatters = 0.5;

/** What others saw of an alarm. */
export interface SeenOfAlarm {
  readonly golden: readonly ReplicaGolden[];
  readonly changes: readonly Change[];
  readonly files: readonly FileFinding[];
  readonly nodeEvents: readonly NodeEvent[];
}

/**
 * What was observed of an alarm, for triage. What nobody looked at is unknown: releases against one another, the traffic of
 * each replica, and what labels say.
 */
export function observeAlarm(
  state: DriftState,
  alarm: Pick<OpenAlarm, 'sinceMs' | 'atMs'>,
  terms: MonitoringTerms,
  { golden, changes, files, nodeEvents }: SeenOfAlarm,
): Observations {
  return {
    onset: { fromMs: alarm.sinceMs, toMs: alarm.atMs },
    golden,
    replicas: compareReplicas(state, terms),
    releases: { verdict: 'unknown' },
    inputs: movedOf(state, terms, true),
    outputs: movedOf(state, terms, false),
    quality: { verdict: 'unknown' },
    traffic: { verdict: 'unknown', arm: null, shares: 'unknown' },
    ...{ files, nodeEvents, changes },
  };
}

function compareReplicas(state: DriftState, terms: MonitoringTerms): ControlFinding {
  const { comparison } = driftStatus(state, terms);
  const named = state.alarms.find(({ arm }) => arm !== null);
  const rows = state.control?.rows ?? 0;
  if (named !== undefined) return { verdict: 'named', arm: named.arm, rows };
  if (comparison === null || terms.rate === null) return { verdict: rows === 0 ? 'one-arm' : 'unknown' };
  const { replicas: arms, rowsPerHour, weight } = comparison;
  const delay = delayOfShift({ shift: shiftThatMatters, arms, rowsPerHour, rate: terms.rate, weight });
  return delay === null ? { verdict: 'unknown' } : { verdict: 'none', rows, neededRows: delay.rows };
}

/** Stable is never said: the distance has no upper limit. */
function movedOf(state: DriftState, terms: MonitoringTerms, areInputs: boolean): DriftFinding {
  const exceeding = exceedingOf(readDistances(state, terms), terms.tolerance);
  const features = exceeding
    .filter(({ group }) => state.inputGroups.includes(group) === areInputs)
    .map(({ name }) => name);
  return { verdict: features.length > 0 ? 'moved' : 'unknown', features: [...new Set(features)] };
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
export type Found = Required<Pick<OpenAlarm, 'diagnosis' | 'observed'>>;

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
