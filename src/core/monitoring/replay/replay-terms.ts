import type { Contract, OnAlarm, Protocol } from '../../contract/contract.ts';
import { defaults } from '../../contract/defaults.ts';
import type { FalseAlarmRate } from '../alarms/alarm-budget.ts';
import type { ReplicaPlace } from './replay-state.ts';

/** What the live release says of replaying its golden set on a schedule. */
export interface ReplayTerms {
  readonly release: number;
  readonly protocol: Protocol;
  readonly everyMs: number;
  /** Share of the time of a replica that replays may take. */
  readonly atMostShare: number;
  /** Of false alarms, where answers are text; null where the contract promises none, and nothing alarms. */
  readonly rate: FalseAlarmRate | null;
  /** Whether captured requests are kept with their content, so that they can be sent again. */
  readonly content: boolean;
  /** Where replicas run, as far as that is known of all of them alike. */
  readonly place: Omit<ReplicaPlace, 'node'>;
  /** What the watch does by itself; absent where it tells people and does nothing. */
  readonly onAlarm?: OnAlarm;
}

/**
 * Null where nothing is replayed.
 *
 * | `monitoring.golden` | `monitoring.replay` | replayed |
 * |---|---|---|
 * | not written | not written | no |
 * | either is written | | every hour, for 1% of the time of a replica |
 * | any | `atMost: 0%` | no |
 */
export function replayTermsOf(
  { monitoring, code }: Pick<Contract, 'monitoring' | 'code'>,
  release: number,
  place: ReplayTerms['place'],
): ReplayTerms | null {
  if (monitoring?.golden === undefined && monitoring?.replay === undefined) return null;
  const { everyMs, atMostShare } = { ...defaults.replay, ...monitoring.replay };
  if (atMostShare === 0) return null;
  const content = monitoring.capture?.content ?? defaults.capture.content;
  const rate = monitoring.falseAlarms ?? null;
  const acts = monitoring.onAlarm === undefined ? {} : { onAlarm: monitoring.onAlarm };
  return { release, protocol: code.protocol, everyMs, atMostShare, rate, content, place, ...acts };
}
