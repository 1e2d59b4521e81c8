import type { FalseAlarmRate } from '../../../src/core/monitoring/alarms/alarm-budget.ts';
import type { LeftReference, OpenAlarm } from '../../../src/core/monitoring/watch/drift-state.ts';
import type { SlicesStatus, SliceStatus } from '../../../src/core/monitoring/slices/slice-status.ts';
import type { DriftStatus } from '../../../src/core/monitoring/watch/drift-status.ts';
import type { FeatureHistory } from '../../../src/core/monitoring/watch/inputs/feature-history.ts';
import type { DriftAnswer } from '../../../src/schemas/http/monitoring/http-drift.ts';
import { formatDuration } from '../../../src/core/units/quantity/quantity-duration.ts';
import { counted, formatDuration as formatSpan } from '../parts/format.ts';

export interface DriftStanding {
  readonly state: 'watching' | 'unknown' | 'alarm';
  /** The word that stands out, and the rest of the sentence. */
  readonly word: string;
  readonly words: string;
}

/** What stands until somebody acknowledges it: an alarm, or that live data left what was evaluated. */
export type Finding = Pick<OpenAlarm, 'name' | 'arm' | 'moved' | 'atMs' | 'sinceMs' | 'diagnosis' | 'observed'> & {
  readonly kind: OpenAlarm['kind'] | 'distance';
};

/** Live data that left what was evaluated, as an alarm is shown. */
export const findingOf = ({ reason, features: _, isChange: __, release: ___, ...left }: LeftReference): Finding => ({
  ...{ kind: 'distance', name: 'distance', arm: null, ...left },
  moved: `${reason[0]?.toUpperCase() ?? ''}${reason.slice(1)}`,
});

/** As `monitoring` evidence is judged: a service of which nothing came for so long is not watched. */
const quietAtMostMs = 15 * 60_000;
const namesTold = 3;

/**
 * The watch in one line.
 *
 * | what is known | state |
 * |---|---|
 * | an alarm that nobody acknowledged | alarm |
 * | live data left what was evaluated, and nobody acknowledged that | alarm |
 * | no status, no row for fifteen minutes, no detector that runs, or slices by what rows do not have | unknown, with what is missing |
 * | else | watching |
 */
export function standingOf({ status, because }: DriftAnswer, nowMs: number): DriftStanding {
  const unknown = (words: string): DriftStanding => ({ state: 'unknown', word: 'Unknown', words });
  if (status === null) return unknown(because ?? 'the control plane does not say why');
  const { alarms, lastRowAtMs, detectors, left } = status;
  if (alarms.length > 0) {
    const outside = left === null ? '' : `, ${alarmName(findingOf(left))}`;
    const named = alarms.slice(0, namesTold).map(alarmName).join(', ');
    const more = (alarms.length > namesTold ? ` and ${alarms.length - namesTold} more` : '') + outside;
    return { state: 'alarm', word: `${counted(alarms.length, 'alarm')} open`, words: `${named}${more}` };
  }
  if (left !== null) return { state: 'alarm', word: 'Evaluation no longer holds', words: left.reason };
  if (lastRowAtMs === null) return unknown(unreadWords(status));
  if (nowMs - lastRowAtMs > quietAtMostMs) {
    return unknown(`no request was captured for ${formatSpan(nowMs - lastRowAtMs)}`);
  }
  const missing = status.slices?.by.find(({ state }) => state === 'missing');
  if (missing !== undefined) return unknown(`rows are not sliced: ${missing.because}`);
  const running = detectors.filter(({ isRunning }) => isRunning);
  const said = (running.length === 0 ? detectors : running).map((each) => each.because).join('; ');
  return running.length === 0 ? unknown(said) : { state: 'watching', word: 'Watching', words: said };
}

function unreadWords({ unreadable }: DriftStatus): string {
  const [first] = Object.entries(unreadable).sort((a, b) => b[1] - a[1]);
  return first === undefined
    ? 'no request was captured yet'
    : `${first[1]} captured requests could not be read: ${first[0]}`;
}

/** `1 per 30d; 2 detectors run`; null where nothing is captured. */
export function budgetWords({ status }: DriftAnswer): string | null {
  if (status === null) return null;
  const running = status.detectors.filter(({ isRunning }) => isRunning).length;
  const run = `${counted(running, 'detector')} ${running === 1 ? 'runs' : 'run'}`;
  return `${status.rate === null ? 'no budget of false alarms' : rateWords(status.rate)}; ${run}`;
}

export const rateWords = ({ count, perMs }: FalseAlarmRate): string => `${count} per ${formatDuration(perMs)}`;

export function alarmName({ kind, name }: Pick<Finding, 'kind' | 'name'>): string {
  if (kind === 'distance') return 'distance to what was evaluated';
  return kind === 'feature' ? name : `${kind} ${name}`;
}

/** What a feature's chart draws: `mean`, `share of 8`, `share that is missing`. */
export function seriesWords({ of, category }: Pick<FeatureHistory, 'of' | 'category'>): string {
  if (of === 'mean') return 'mean';
  return of === 'missing' ? 'share that is missing' : `share of ${category === '' ? 'other values' : category}`;
}

/** Three significant digits; shares in percent. */
export function valueWords(value: number | null, { of }: Pick<FeatureHistory, 'of'>): string {
  if (value === null) return '–';
  if (of !== 'mean') return `${Number((value * 100).toPrecision(3))}%`;
  return String(Number(value.toPrecision(3)));
}

/** `reference 5 (4.6 to 5.4), evaluated` */
export function referenceWords(history: Pick<FeatureHistory, 'of' | 'reference'>): string {
  const { reference } = history;
  if (reference === null) return 'no reference yet';
  const [value, low, high] = [reference.value, reference.low, reference.high].map((each) => valueWords(each, history));
  return `${reference.from === 'evaluation' ? 'evaluated' : 'usual'} ${value} (${low} to ${high})`;
}

/** `1 outside the tolerance`, `2 known, none outside`; what nobody evaluated is unknown. */
export function sliceDistanceWords({ distance }: Pick<SliceStatus, 'distance'>): string {
  if (distance === null) return 'unknown: no such rows were evaluated';
  const { outside, measured, unknown } = distance;
  const rest = unknown === 0 ? '' : `, ${unknown} unknown yet`;
  return outside > 0 ? `${outside} outside the tolerance${rest}` : `${measured} known, none outside${rest}`;
}

/** What shows the rows of a name: of a slice, what they are sliced by and the feature of all rows. */
export function featuresBehind(name: string, slices: SlicesStatus | undefined): readonly string[] {
  for (const { feature, slices: each } of slices?.by ?? []) {
    for (const slice of each) {
      if (name === `@ ${slice.name}`) return [feature, ...(slices?.follows ?? [])];
      const of = slices?.follows.find((followed) => name === `${followed} @ ${slice.name}`);
      if (of !== undefined) return [feature, of];
    }
  }
  return [name];
}

/** Capital as people read it: of the 1 that raises an alarm. */
export function capitalWords(capital: number): string {
  if (capital < 1e-6) return 'under 0.000001';
  return capital >= 1_000 ? 'over 1,000' : String(Number(capital.toPrecision(2)));
}

/** What stands first stays there until another alarm names a feature, or the features are others. */
export function steadyOrder(before: readonly string[], features: readonly FeatureHistory[]): readonly FeatureHistory[] {
  const known = new Map(features.map((feature) => [feature.name, feature]));
  const kept = before.flatMap((name) => known.get(name) ?? []);
  const firstCalm = kept.findIndex(({ isLatched }) => !isLatched);
  const isSame = kept.length === features.length && kept.length === before.length;
  const leadsWithAlarms = firstCalm === -1 || kept.slice(firstCalm).every(({ isLatched }) => !isLatched);
  return isSame && leadsWithAlarms ? kept : features;
}
