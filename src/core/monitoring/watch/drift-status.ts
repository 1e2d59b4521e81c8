import { isNamed, type FalseAlarmRate } from '../alarms/alarm-budget.ts';
import { smallerRate } from '../alarms/fleet-share.ts';
import { rowsUntilBets, type RefusedRow } from '../detectors/concurrent-control.ts';
import type { ControlFeature } from '../detectors/control-learners.ts';
import type { Judgement } from '../../units/verdict.ts';
import { formatDuration } from '../../units/quantity/quantity-duration.ts';
import { controlWeights } from './watch-plan.ts';
import { defaultTolerance, type DistanceTolerance } from '../distance/distance-measures.ts';
import { exceedingOf, exceedsTolerance, type FeatureDistance } from '../distance/tell-distances.ts';
import type { DriftState, DriftTerms, LeftReference, OpenAlarm } from './drift-state.ts';
import type { MonitoringTerms } from './monitoring-terms.ts';
import { slicesStatus, type SlicesStatus } from '../slices/slice-status.ts';
import { describeDistance, readDistances, readDistancesOfSlices } from './windows/reference-distance.ts';

/** How the watch of a service stands, for people and programs. */
export interface DriftStatus {
  readonly release: number;
  readonly rate: FalseAlarmRate | null;
  /** What the environment's policy promises of all its services together; absent where it promises nothing. */
  readonly fleet?: { readonly rate: FalseAlarmRate; readonly services: number };
  readonly rows: number;
  readonly lastRowAtMs: number | null;
  readonly unreadable: Readonly<Record<string, number>>;
  readonly strangeRows: number;
  /** By program: why its features were unknown in the newest rows; absent where the contract names no programs. */
  readonly failures?: Readonly<Record<string, string>>;
  /** Watched time, the number of false alarms to be expected in it at most, and the alarms so far. */
  readonly budget: { readonly watchedMs: number; readonly expectedAtMost: number; readonly alarms: number };
  readonly detectors: readonly DetectorStatus[];
  readonly features: readonly FeatureStatus[];
  readonly alarms: readonly OpenAlarm[];
  /** Live data that left its reference, and that nobody acknowledged; no alarm of the budget. */
  readonly left: LeftReference | null;
  /** The comparison of replicas at the present traffic, for the delay of a shift; null while replicas are not compared. */
  readonly comparison: {
    readonly replicas: number;
    readonly rowsPerHour: number;
    /** Of one feature at one replica: the least of all features. */
    readonly weight: number;
  } | null;
  /** Of live rows to those that were evaluated; null where the reference is not known. */
  readonly distance: DistanceStatus | null;
  /** Absent where the contract names no slices. */
  readonly slices?: SlicesStatus;
}

export interface DetectorStatus {
  readonly detector: 'control' | 'series' | 'distance';
  /** What its promise rests on. */
  readonly holds: 'by design' | 'if the forecaster does' | 'with 95% confidence';
  readonly watches: string;
  readonly isRunning: boolean;
  /** What is missing, or what runs. */
  readonly because: string;
}

export interface FeatureStatus extends ControlFeature {
  /** Of the capital that makes an alarm. */
  readonly capitalShare: number;
  readonly isLatched: boolean;
  /** How its series are judged, for each verdict how many. */
  readonly series: { readonly forecast: number; readonly blocks: number; readonly unknown: number };
}

/** A service of which no request was captured for so long is not watched. */
export const quietAtMostMs = 15 * 60_000;

export interface DistanceStatus {
  readonly measured: number;
  /** Features whose distance is not known yet. */
  readonly unknown: number;
  /** Beyond the tolerance, in words, those of slices too; empty where live data is what was evaluated as far as is known. */
  readonly left: readonly string[];
}

export function driftStatus(
  state: DriftState,
  terms: Pick<DriftTerms, 'release' | 'rate' | 'fleet'> & Partial<Pick<MonitoringTerms, 'reference' | 'tolerance'>>,
): DriftStatus {
  const { budget } = state;
  const { release, rate, reference = null, tolerance = defaultTolerance } = terms;
  const distances = readDistances(state, { release, reference, tolerance });
  const ofSlices = readDistancesOfSlices(state, { release, reference, tolerance });
  const all = [...distances, ...[...ofSlices.values()].flatMap((each) => each ?? [])];
  const { slices } = state;
  const isOutside = (distance: FeatureDistance): boolean => exceedsTolerance(distance, tolerance);
  const share = terms.fleet === undefined || terms.fleet === null ? null : (state.fleet ?? terms.fleet);
  return {
    release,
    rate: rate === null ? null : smallerRate(rate, share?.rate),
    ...(share === null ? {} : { fleet: { rate: share.fleet, services: share.services } }),
    rows: state.rows,
    lastRowAtMs: state.lastRowAtMs,
    unreadable: state.unreadable,
    strangeRows: state.strange.rows,
    ...(state.failures === undefined ? {} : { failures: state.failures }),
    budget: { watchedMs: budget.watchedMs, expectedAtMost: budget.injected, alarms: budget.alarms },
    detectors: [
      controlStatus(state),
      seriesStatus(state),
      ...(reference === null ? [] : [distanceStatus(distances, tolerance)]),
    ],
    features: featureStatuses(state),
    alarms: state.alarms,
    left: state.left ?? null,
    comparison: comparisonOf(state),
    distance: reference === null ? null : distanceOf(distances, exceedingOf(all, tolerance)),
    ...(slices === undefined ? {} : { slices: slicesStatus(slices, state, ofSlices, isOutside) }),
  };
}

function distanceOf(distances: readonly FeatureDistance[], outside: ReturnType<typeof exceedingOf>): DistanceStatus {
  const unknown = distances.filter(({ state }) => state === 'unknown').length;
  return {
    measured: distances.length - unknown,
    unknown,
    left: outside.map(describeDistance),
  };
}

function comparisonOf({ controlRows, budget, slots, features }: DriftState): DriftStatus['comparison'] {
  if (controlRows === 0 || budget.watchedMs === 0 || slots < 2) return null;
  const weights = controlWeights(features).filter(({ group }) => group !== null);
  return {
    replicas: slots,
    rowsPerHour: (controlRows / budget.watchedMs) * 3_600_000,
    weight: Math.min(...weights.map(({ weight }) => weight)) / slots,
  };
}

/**
 * The verdict of `monitoring` evidence. It passes only while a detector runs.
 *
 * | what is seen | verdict |
 * |---|---|
 * | an alarm that nobody acknowledged | fail |
 * | live data left its reference, and nobody acknowledged it, or it is outside still | fail |
 * | no captured request for fifteen minutes | unknown |
 * | the contract slices by what is no category feature of the rows | unknown |
 * | no detector has enough rows | unknown, with the rows that are missing |
 * | otherwise | pass |
 */
export function judgeMonitoring(status: DriftStatus | null, nowMs: number): Judgement {
  if (status === null) return { verdict: 'unknown', reasons: ['no request was captured yet'] };
  const { alarms, lastRowAtMs, detectors } = status;
  const reasons = [...alarms.map(describeAlarm), ...describeOutside(status)];
  if (reasons.length > 0) return { verdict: 'fail', reasons };
  if (lastRowAtMs === null) return { verdict: 'unknown', reasons: [describeUnread(status)] };
  const quietMs = nowMs - lastRowAtMs;
  if (quietMs > quietAtMostMs) {
    return {
      verdict: 'unknown',
      reasons: [`no request was captured for ${formatDuration(Math.floor(quietMs / 60_000) * 60_000)}`],
    };
  }
  const missing = status.slices?.by.filter(({ state }) => state === 'missing') ?? [];
  if (missing.length > 0) {
    return { verdict: 'unknown', reasons: missing.map(({ because }) => `rows are not sliced: ${because}`) };
  }
  const running = detectors.filter(({ isRunning }) => isRunning);
  if (running.length === 0) return { verdict: 'unknown', reasons: detectors.map(({ because }) => because) };
  return { verdict: 'pass', reasons: running.map(({ because }) => because) };
}

/** `feature class: share of `8` went from 0.1 up to 0.55, since 14:05`; the time is for whoever shows it. */
export function describeAlarm({ kind, name, arm, moved }: OpenAlarm): string {
  const where = arm === null ? '' : `, at replica ${arm}`;
  return `${kind} ${name} changed${where}${moved === '' ? '' : `: ${moved}`}`;
}

function describeOutside({ left, distance }: DriftStatus): readonly string[] {
  if (left !== null) return [left.reason];
  return distance === null || distance.left.length === 0
    ? []
    : [`live data is outside what was evaluated: ${distance.left.join(', ')}`];
}

function describeUnread({ unreadable }: DriftStatus): string {
  const [first] = Object.entries(unreadable).sort((a, b) => b[1] - a[1]);
  return first === undefined
    ? 'no request was captured yet'
    : `${first[1]} captured requests could not be read: ${first[0]}`;
}

function controlStatus({ control, controlRows }: DriftState): DetectorStatus {
  const about = {
    detector: 'control',
    holds: 'by design',
    watches: 'one replica or release against the others, by requests that were drawn at random',
  } as const;
  const missing = rowsUntilBets(control ?? { rows: 0 });
  const alone = refusedOf(control?.refused, 'one-arm');
  if (control === null || missing > 0) {
    const because =
      controlRows === 0 || controlRows === alone
        ? 'replicas are not compared: no request was drawn over two of them'
        : `replicas are not compared: ${missing} more drawn requests are needed`;
    return { ...about, isRunning: false, because };
  }
  return { ...about, isRunning: true, because: `replicas are compared over ${control.rows} drawn requests` };
}

const refusedOf = (refused: Readonly<Record<RefusedRow, number>> | undefined, reason: RefusedRow): number =>
  refused?.[reason] ?? 0;

function seriesStatus(state: DriftState): DetectorStatus {
  const about = {
    detector: 'series',
    holds: 'if the forecaster does',
    watches: 'the values of all requests, window by window, against the history',
  } as const;
  const { series } = state;
  const running = series.filter(({ bet }) => bet !== null);
  const windows = Math.max(0, state.windows - state.historyFrom + 1);
  if (series.length === 0) {
    const because = `windows are not judged: ${Math.max(0, state.chooseAt - windows)} more than the ${windows} that are there are needed`;
    return { ...about, isRunning: false, because };
  }
  if (running.length === 0) {
    const because = `windows are not judged: no forecast held, ${series[0]?.reason ?? 'for want of a reason'}`;
    return { ...about, isRunning: false, because };
  }
  const outputsWait = outputsWaitFor(state);
  const rest = outputsWait === null ? '' : `; outputs of this release need ${outputsWait} more windows`;
  return {
    ...about,
    isRunning: true,
    because: `${running.length} of ${series.length} series of windows are judged${rest}`,
  };
}

/** Windows that outputs need after a release whose inputs carried on; null where they have their series. */
function outputsWaitFor({ outputs, windows, betsSinceMs }: DriftState): number | null {
  if (outputs === undefined || outputs.betsSinceMs !== null || betsSinceMs === null) return null;
  return Math.max(0, outputs.chooseAt - (windows - outputs.from + 1));
}

/** Live rows are held against the reference as soon as one distance is known. */
function distanceStatus(distances: readonly FeatureDistance[], tolerance: DistanceTolerance): DetectorStatus {
  const about = {
    detector: 'distance',
    holds: 'with 95% confidence',
    watches: 'how far live rows are from those that were evaluated',
  } as const;
  const waiting = distances.flatMap((one) => (one.state === 'unknown' ? [one.because] : []));
  const known = distances.length - waiting.length;
  if (known === 0) {
    return {
      ...about,
      isRunning: false,
      because: `live rows are not held against what was evaluated: ${waiting[0] ?? 'no row of the live release was captured yet'}`,
    };
  }
  const outside = exceedingOf(distances, tolerance).length;
  const open = waiting.length === 0 ? '' : `, ${waiting.length} are unknown yet`;
  return {
    ...about,
    isRunning: true,
    because: `${known - outside} of ${known} known distances to what was evaluated are within the tolerance${open}`,
  };
}

function featureStatuses({ features, series, budget }: DriftState): readonly FeatureStatus[] {
  const capital = new Map<string, number>();
  const add = (name: string, held: readonly number[] = []): void => {
    capital.set(name, (capital.get(name) ?? 0) + held.reduce((sum, each) => sum + each, 0));
  };
  for (const { id, feature } of series) add(feature, budget.capital[id]);
  for (const [id, held] of Object.entries(budget.capital)) {
    const [kind, of, name = ''] = id.split('/');
    if (kind === 'control' && of === 'feature') add(name.replaceAll('~1', '/').replaceAll('~0', '~'), held);
  }
  return features.map((feature) => {
    const own = series.filter((one) => one.feature === feature.name);
    const count = (verdict: (typeof own)[number]['verdict']): number =>
      own.filter((one) => one.verdict === verdict).length;
    return {
      ...feature,
      capitalShare: capital.get(feature.name) ?? 0,
      isLatched: isNamed(budget, feature),
      series: { forecast: count('forecast'), blocks: count('blocks'), unknown: count('unknown') },
    };
  });
}
