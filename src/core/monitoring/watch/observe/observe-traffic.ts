import type { AlarmName } from '../../alarms/alarm-budget.ts';
import {
  beginRouted,
  observeRoutedRow,
  pairsThatTell,
  routingAggregate,
  tellRouted,
} from '../../detectors/routed-requests.ts';
import type { TrafficFinding } from '../../triage/observations.ts';
import type { DriftState, OpenAlarm, WatchedRow } from '../drift-state.ts';

/** Whether an alarm says that replicas get other requests than the random share. */
export const isRoutingAlarm = ({ kind, name }: Partial<AlarmName>): boolean =>
  kind === 'aggregate' && name === routingAggregate;

/** What one answered row of the live release adds. A group with the name of the aggregate would be judged under it. */
export function stepRouted(
  { features, inputGroups, routed = beginRouted(features, inputGroups) }: DriftState,
  row: WatchedRow,
): Pick<DriftState, 'routed'> {
  const { atMs, replicaId, control } = row;
  if (replicaId === null || routed.features.length === 0 || features.some(({ group }) => group === routingAggregate))
    return {};
  return { routed: observeRoutedRow(routed, { atMs, arm: replicaId, isRandom: control !== null }, row) };
}

/** Since when, and which replica gets which other requests; null for an alarm of anything else. */
export function describeRouted(
  { routed, betsSinceMs }: Pick<DriftState, 'routed' | 'betsSinceMs'>,
  alarm: AlarmName,
): Pick<OpenAlarm, 'moved' | 'sinceMs'> | null {
  if (!isRoutingAlarm(alarm) || routed === undefined) return null;
  const told = tellRouted(routed);
  const who = told === null ? 'replicas get' : `${told.arm} gets`;
  const by = told === null || told.features.length === 0 ? '' : `, by ${told.features.join(', ')}`;
  return {
    sinceMs: routed.sinceMs ?? betsSinceMs ?? 0,
    moved: `${who} other requests in ordinary traffic than in the random share${by}`,
  };
}

/**
 * Which requests each replica gets in ordinary traffic, beside the random share.
 *
 * | what is seen | verdict |
 * |---|---|
 * | the alarm stands | differs; shares are skewed |
 * | no alarm over 400 pairs or more | alike |
 * | else | unknown |
 */
export function observeTraffic({ alarms, routed }: Pick<DriftState, 'alarms' | 'routed'>): TrafficFinding {
  if (alarms.some(isRoutingAlarm)) {
    const { arm, features } = (routed === undefined ? null : tellRouted(routed)) ?? { arm: null, features: [] };
    return { verdict: 'differs', arm, shares: 'skewed', features };
  }
  const isTold = routed !== undefined && routed.pairs >= pairsThatTell;
  return { verdict: isTold ? 'alike' : 'unknown', arm: null, shares: isTold ? 'as-ordered' : 'unknown' };
}
