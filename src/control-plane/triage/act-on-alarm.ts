import {
  decideRemedy,
  type RemedyDecision,
  type RemedyState,
  type WayBack,
} from '../../core/monitoring/remedy/decide-remedy.ts';
import type { AlarmRemedy } from '../../core/monitoring/remedy/alarm-remedy.ts';
import type { TriageAnswer } from '../../core/monitoring/triage/answer.ts';
import type { DriftState, OpenAlarm } from '../../core/monitoring/watch/drift-state.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import { withRemedy } from '../../core/monitoring/watch/alarm/observe-alarm.ts';
import { isolatedForMs } from '../../core/rollout/isolation/isolation.ts';
import type { Axis } from '../../core/rollout/release.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { chooseRollback, type RollbackState } from '../../core/rollout/rollback-target.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import { isolateIn } from '../operations/drift/isolate.ts';
import { judgeAndRecord, readRollbackState } from '../operations/release/rollback.ts';

export interface ActingWatch {
  readonly service: string;
  readonly environment: string;
  readonly clock: Clock;
  readonly terms: MonitoringTerms;
  readonly replicas: readonly ObservedReplica[];
}

interface Act extends Pick<AlarmRemedy, 'did' | 'what'> {
  readonly replicas: readonly string[];
  readonly release: number | null;
  readonly because: string;
}

const by = 'watch';

/**
 * Does by itself what the contract allows about an alarm. What is done, that it was done and the alarm's own state are written
 * in the transaction of the diagnosis: a kill leaves all of it or nothing, and nothing is done twice.
 */
export async function actOnAlarm(
  tx: StoreWriter,
  watch: ActingWatch,
  state: DriftState,
  alarm: OpenAlarm,
  answer: TriageAnswer,
): Promise<DriftState> {
  const { onAlarm } = watch.terms;
  if (onAlarm === undefined || onAlarm.action === 'notify' || alarm.remedied !== undefined) return state;
  const { service, environment, clock } = watch;
  const nowMs = clock.nowMs();
  const decision = decideRemedy({
    ...(await readRemedyState(tx, watch)),
    ...{ onAlarm, answer, onsetMs: alarm.sinceMs, lastActedAtMs: await lastActedMs(tx, watch, state), nowMs },
  });
  if (decision.act === 'none') return state;
  const { did, what, replicas, release, because } = await act(tx, watch, decision);
  await tx.appendEvent({
    ...{ service, environment, by, atMs: nowMs, kind: 'drift.remedied' },
    summary: `The watch ${did === 'nothing' ? 'did nothing' : what} about the drift of ${alarm.name}: ${because}`,
    data: { what: alarm.kind, name: alarm.name, did, replicas, release, because },
  });
  return withRemedy(state, alarm, { did, what, atMs: nowMs });
}

/** By an alarm, or by golden replays alone. */
async function lastActedMs(
  tx: StoreWriter,
  { service, environment }: ActingWatch,
  { actedAtMs }: DriftState,
): Promise<number | null> {
  const replays = (await tx.replayState(service, environment))?.actedAtMs;
  if (actedAtMs === undefined) return replays ?? null;
  return Math.max(actedAtMs, replays ?? actedAtMs);
}

type Acting = Omit<ActingWatch, 'terms'>;

/** Does what was decided; it refuses rather than take what is gone. */
export function act(
  tx: StoreWriter,
  watch: Acting,
  decision: Exclude<RemedyDecision, { readonly act: 'none' }>,
): Promise<Act> {
  switch (decision.act) {
    case 'nothing':
      return Promise.resolve(nothing(decision.because));
    case 'isolate':
      return isolateAll(tx, watch, decision.replicas, decision.because);
    case 'roll-back':
      return rollBack(tx, watch, decision.axis, decision.to, decision.because);
  }
}

const nothing = (because: string): Act => ({ did: 'nothing', what: because, replicas: [], release: null, because });

async function isolateAll(
  tx: StoreWriter,
  { service, environment, replicas, clock }: Acting,
  ids: readonly string[],
  because: string,
): Promise<Act> {
  const taken: string[] = [];
  const refused: string[] = [];
  for (const replicaId of ids) {
    const ask = { service, environment, replicaId, action: 'isolate', reason: because, forMs: isolatedForMs } as const;
    try {
      await isolateIn(tx, replicas, ask, by, clock.nowMs());
      taken.push(replicaId);
    } catch (thrown) {
      // Refused before anything was written: it is gone meanwhile. What the store says goes up.
      const { code, message } = asPlimsollError(thrown);
      if (code !== 'unknown-replica' && code !== 'replica-ended') throw thrown;
      refused.push(message);
    }
  }
  if (taken.length === 0) return nothing(refused.join('; '));
  return { did: 'isolate', what: `isolated ${taken.join(', ')}`, replicas: taken, release: null, because };
}

async function rollBack(
  tx: StoreWriter,
  { service, environment, clock }: Acting,
  axis: Axis,
  to: number,
  because: string,
): Promise<Act> {
  const outcome = await judgeAndRecord({ by, clock }, { service, environment, axis, to, reason: because }, tx);
  if ('refused' in outcome) return nothing(outcome.refused.message);
  const { number } = outcome.release;
  const what = `rolled the ${axis} back to that of release ${to}, as release ${number}`;
  return { did: 'roll-back', what, replicas: [], release: number, because };
}

export async function readRemedyState(
  tx: StoreWriter,
  scope: Pick<ActingWatch, 'service' | 'environment'>,
): Promise<Pick<RemedyState, 'live' | 'isMoving' | 'back'>> {
  const rollback = await readRollbackState(tx, scope);
  const { deployment, releases } = rollback;
  const live = releases.find(({ number }) => number === deployment?.live);
  return {
    live:
      live === undefined || deployment === null
        ? null
        : { release: live.number, sinceMs: deployment.changedAtMs, isRollback: live.cause.kind === 'rollback' },
    isMoving: deployment?.phase !== 'live' || deployment.incoming !== null,
    back: { code: wayBack(rollback, 'code'), model: wayBack(rollback, 'model') },
  };
}

function wayBack(rollback: RollbackState, axis: Axis): WayBack {
  const chosen = chooseRollback(rollback, axis, undefined);
  if ('refusal' in chosen) return { refusal: chosen.refusal.message };
  const { from, to, unprovenPair } = chosen.choice;
  const { releases, outcomes } = rollback;
  const before = releases.findLast(({ number }) => number < from.number && outcomes.get(number) === 'was-live');
  return { to: to.number, isProven: !unprovenPair, undoesLive: before?.number === to.number };
}
