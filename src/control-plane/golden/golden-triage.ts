import type { OnAlarm } from '../../core/contract/contract.ts';
import { decideRemedy } from '../../core/monitoring/remedy/decide-remedy.ts';
import type { ReplayState, ReplicaReplays } from '../../core/monitoring/replay/replay-state.ts';
import { observeReplays } from '../../core/monitoring/replay/take-replay.ts';
import type { TriageAnswer } from '../../core/monitoring/triage/answer.ts';
import { triage } from '../../core/monitoring/triage/triage.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Store, StoreWriter } from '../../ports/records/store.ts';
import type { ReplicaInspector } from '../../ports/serving/replica-inspector.ts';
import { act, readRemedyState } from '../triage/act-on-alarm.ts';
import { changesNear, readLeftPeers } from '../triage/changes-near.ts';
import { findOnMachines, withoutIsolated } from '../triage/machine-findings.ts';
import type { Serving } from './golden-parts.ts';

interface Scope {
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly inspector?: ReplicaInspector;
}

const isDiverged = ({ divergedAtMs, goneAtMs }: ReplicaReplays): boolean => divergedAtMs !== null && goneAtMs === null;

/** What triage says of replicas that diverged, with what their machines and files show; null where none diverged. */
export async function triageReplays(
  { inspector, ...scope }: Scope,
  state: ReplayState,
  { release }: Serving,
  signal: AbortSignal,
): Promise<TriageAnswer | null> {
  const diverged = state.replicas.filter(isDiverged);
  if (diverged.length === 0) return null;
  const nowMs = scope.clock.nowMs();
  const sinceMs = Math.min(nowMs, ...diverged.map((each) => each.sinceMs));
  const changes = await changesNear(scope.store, scope, sinceMs);
  const observed = observeReplays(state, changes, nowMs);
  const since = { onsetMs: observed.onset.fromMs, left: await readLeftPeers(scope.store, scope) };
  const seen = await findOnMachines(inspector, observed.golden, release, since, signal);
  const isolations = await scope.store.isolations(scope.service, scope.environment);
  return triage({ ...observed, ...withoutIsolated(seen, isolations, { sinceMs: observed.onset.fromMs }) });
}

/** Whether a replica diverged by a cause that is named, and nothing was decided about it yet. */
export const isUndecided = ({ replicas }: ReplayState, onAlarm: OnAlarm | undefined): boolean =>
  onAlarm?.action === 'isolate' &&
  replicas.some((each) => isDiverged(each) && each.diagnosis?.verdict === 'named' && each.remedied === undefined);

/**
 * Isolates replicas whose golden replays fail by a node that is proven, as the contract allows it for alarms: once per stated
 * time, of both together. While an alarm is open its own triage acts, which knows of these replays. Written in the
 * transaction that tells it.
 */
export async function actOnReplays(
  tx: StoreWriter,
  { service, environment, clock }: Scope,
  state: ReplayState,
  replicas: readonly ObservedReplica[],
  onAlarm: OnAlarm | undefined,
): Promise<ReplayState> {
  const of = state.replicas.find((each) => isDiverged(each) && each.remedied === undefined);
  const answer = of?.diagnosis;
  if (onAlarm === undefined || answer?.verdict !== 'named' || !isUndecided(state, onAlarm)) return state;
  const drift = (await tx.driftRecord(service, environment))?.state;
  if (drift !== undefined && drift.alarms.length > 0) return state;
  const isolated = new Set((await tx.isolations(service, environment)).map(({ replicaId }) => replicaId));
  const open = answer.causes.flatMap((cause) => cause.replicas).filter((id) => !isolated.has(id));
  const nowMs = clock.nowMs();
  const acted = [state.actedAtMs, drift?.actedAtMs].filter((atMs) => atMs !== undefined);
  const decision = decideRemedy({
    ...(await readRemedyState(tx, { service, environment })),
    ...{ onAlarm, answer, onsetMs: of?.sinceMs ?? nowMs, nowMs },
    lastActedAtMs: acted.length === 0 ? null : Math.max(...acted),
  });
  if (decision.act === 'none' || open.length === 0) return state;
  const watch = { service, environment, clock, replicas };
  const { did, what, because, ...done } = await act(tx, watch, decision);
  await tx.appendEvent({
    ...{ service, environment, by: 'watch', atMs: nowMs, kind: 'drift.remedied' },
    summary: `The watch ${did === 'nothing' ? 'did nothing' : what} after golden replays failed: ${because}`,
    data: { what: 'replica', name: of?.replicaId ?? '', did, because, ...done },
  });
  const remedied = { did, what, atMs: nowMs };
  return {
    ...state,
    ...(did === 'nothing' ? {} : { actedAtMs: nowMs }),
    replicas: state.replicas.map((each) => (isDiverged(each) ? { ...each, remedied } : each)),
  };
}
