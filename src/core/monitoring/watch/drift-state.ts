import { emptyBudget, type Alarm, type AlarmBudget, type FalseAlarmRate } from '../alarms/alarm-budget.ts';
import type { FleetShare, KeptShare } from '../alarms/fleet-share.ts';
import type { ControlState } from '../detectors/concurrent-control.ts';
import type { ControlFeature } from '../detectors/control-learners.ts';
import type { RoutedState } from '../detectors/routed-requests.ts';
import type { RowValues } from '../features/row-values.ts';
import type { ControlDraw } from '../samples/sample.ts';
import type { DistanceState } from '../distance/distance-state.ts';
import type { Digest } from '../../units/digest.ts';
import type { AlarmRemedy } from '../remedy/alarm-remedy.ts';
import type { TriageAnswer } from '../triage/answer.ts';
import type { Looks } from '../triage/look-again.ts';
import type { TrailPoint } from './alarm/evidence-trail.ts';
import type { Observed } from './observed-words.ts';
import type { SlicesState } from '../slices/slice-state.ts';
import { beginHistory, type WindowHistory } from './windows/window-history.ts';

/** A captured request as features. */
export interface WatchedRow extends RowValues {
  readonly requestId: string;
  readonly atMs: number;
  readonly release: number;
  readonly replicaId: string | null;
  /** Whether a whole answer of success came. The features of any other row are its inputs alone. */
  readonly isAnswered: boolean;
  readonly features: readonly ControlFeature[];
  /** Which of their groups came in; the others went out. */
  readonly inputGroups: readonly string[];
  readonly control: ControlDraw | null;
  /** Hash of the sticky key whose requests all go one way; null where each request is drawn by itself. */
  readonly unit: string | null;
}

/** What the contract of the live release says. */
export interface DriftTerms {
  readonly release: number;
  /** Null where the contract promises none: rows and windows are kept, and nothing is judged. */
  readonly rate: FalseAlarmRate | null;
  /** What the environment lets the service use of the false alarms of all its services; null where it states no limit. */
  readonly fleet?: FleetShare | null;
  /** A window of rows lasts at least this long. */
  readonly windowMs: number;
  /** Category features whose values are watched by themselves; left out where the contract names none. */
  readonly slices?: readonly string[];
  /**
   * Of all that windows of inputs depend on beside the requests. Where the next release has the same, its inputs carry on;
   * left out where that is not known.
   */
  readonly inputsOf?: Digest;
}

/** An alarm that nobody has acknowledged. */
export interface OpenAlarm extends Alarm {
  readonly atMs: number;
  readonly release: number;
  /** Which way the series went that hold the most capital, in words; empty for a comparison of replicas. */
  readonly moved: string;
  /** The earliest time at which what it found may have begun. */
  readonly sinceMs: number;
  /** What triage made of it; absent until it was looked at. */
  readonly diagnosis?: TriageAnswer;
  /** What the watch did about it by itself; absent where there was nothing that it could do. */
  readonly remedied?: AlarmRemedy;
  /** What triage had before it, in words; absent until it was looked at. */
  readonly observed?: readonly Observed[];
  /** Absent while no cause is named. */
  readonly looks?: Looks;
}

/**
 * Live data that left what was evaluated, until somebody acknowledges it or the reference is another. It is no alarm: it says
 * how far live data is, and no budget bounds it.
 */
export interface LeftReference {
  readonly atMs: number;
  readonly release: number;
  readonly reason: string;
  readonly features: readonly string[];
  /** The earliest time at which it may have begun. */
  readonly sinceMs: number;
  /** Whether rows of before agreed with what was evaluated, as far as was seen: then it began after `sinceMs`. */
  readonly isChange: boolean;
  /** What triage made of it; absent until it was looked at. */
  readonly diagnosis?: TriageAnswer;
  /** What triage had before it, in words; absent until it was looked at. */
  readonly observed?: readonly Observed[];
  /** Absent while no cause is named. */
  readonly looks?: Looks;
}

/** All that the watch of a service remembers beside its windows; plain JSON, its size does not grow with the rows. */
export interface DriftState extends WindowHistory {
  /** Of the form of this state. */
  readonly form: 1;
  /** The release whose answers the series are of; null before the first row. */
  readonly release: number | null;
  readonly features: readonly ControlFeature[];
  readonly inputGroups: readonly string[];
  /** As the terms of the release said; absent of a state that was written before there was one. */
  readonly inputsOf?: Digest | undefined;
  /** Rows since the features are these. */
  readonly rows: number;
  readonly controlRows: number;
  /** Which requests each replica gets; absent before the first row. */
  readonly routed?: RoutedState | undefined;
  /** Rows that had other features than those that are watched: the newest reason. */
  readonly strange: { readonly rows: number; readonly features: readonly string[] };
  /** Captures that could not be read, by reason: the ten first reasons. */
  readonly unreadable: Readonly<Record<string, number>>;
  readonly lastRowAtMs: number | null;
  /** Why programs computed no features for some of the rows of the last batch, by program; absent without programs. */
  readonly failures?: Readonly<Record<string, string>> | undefined;
  readonly control: ControlState | null;
  /** Sticky keys of which the present window has a row: their further rows are no draws of their own. */
  readonly units: readonly string[];
  /** Parts of the weights of the comparison of replicas. */
  readonly slots: number;
  /** Rows by the values of the features that the contract names; absent where it names none. */
  readonly slices?: SlicesState | undefined;
  readonly budget: AlarmBudget;
  readonly tickedAtMs: number | null;
  /** The share of the last tick in the false alarms of the environment; absent where there is no limit. */
  readonly fleet?: KeptShare | undefined;
  /** Multipliers of windows since the last tick. */
  readonly pending: Readonly<Record<string, readonly number[]>>;
  readonly alarms: readonly OpenAlarm[];
  /** When the watch last did something about an alarm by itself; absent for never. */
  readonly actedAtMs?: number;
  /** What the betting processes held over time; absent of a state that was written before there was one. */
  readonly trail?: readonly TrailPoint[];
  /** How far live rows are from a reference, by its digest; `told`: that they left it was recorded. Null without one. */
  readonly distance: {
    readonly of: Digest;
    readonly state: DistanceState;
    readonly told: boolean;
    /** Of the slices that the reference has, by name. */
    readonly slices?: readonly { readonly name: string; readonly state: DistanceState }[];
  } | null;
  /** Absent and null where live data did not leave its reference, or somebody acknowledged that. */
  readonly left?: LeftReference | null;
}

export const emptyDrift: DriftState = {
  ...beginHistory(0),
  form: 1,
  release: null,
  features: [],
  inputGroups: [],
  rows: 0,
  controlRows: 0,
  strange: { rows: 0, features: [] },
  unreadable: {},
  lastRowAtMs: null,
  control: null,
  units: [],
  slots: 1,
  budget: emptyBudget,
  tickedAtMs: null,
  pending: {},
  alarms: [],
  distance: null,
};
