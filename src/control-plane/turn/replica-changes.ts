import type { ObservedReplica, ReplicaState } from '../../core/rollout/replica.ts';
import type { EventNews } from '../../core/records/event.ts';

type ReplicaKind = `replica.${ReplicaState | 'adopted' | 'gone'}`;

/**
 * What happened to replicas between two observations, as events. In the first observation of a control plane (`before`
 * null) replicas that run were started by an earlier one: they are adopted.
 */
export function makeReplicaEvents(
  before: ReadonlyMap<string, ObservedReplica> | null,
  now: readonly ObservedReplica[],
  evidenceOf: (replicaId: string) => object | null = () => null,
): readonly EventNews[] {
  const present = new Set(now.map((replica) => replica.replicaId));
  const events = now.flatMap((replica) => changeOf(before, replica)).map((event) => withEvidence(event, evidenceOf));
  const gone = [...(before?.values() ?? [])].filter(
    (replica) => !present.has(replica.replicaId) && replica.state !== 'stopped' && replica.state !== 'failed',
  );
  return [...events, ...gone.map((replica) => makeEvent('replica.gone', replica, `is gone (it was ${replica.state})`))];
}

/** What was read of a stuck replica before it is ended. */
function withEvidence(event: EventNews, evidenceOf: (replicaId: string) => object | null): EventNews {
  if (event.kind !== 'replica.stuck') return event;
  const evidence = evidenceOf(String(event.data['replicaId']));
  return evidence === null ? event : { ...event, data: { ...event.data, evidence } };
}

function changeOf(before: ReadonlyMap<string, ObservedReplica> | null, replica: ObservedReplica): readonly EventNews[] {
  if (before === null) {
    if (replica.state === 'stopped' || replica.state === 'failed') return [];
    return [makeEvent('replica.adopted', replica, `was adopted; it is ${replica.state}`)];
  }
  const known = before.get(replica.replicaId);
  if (known?.state === replica.state && !beginsToWait(known, replica)) return [];
  return [makeEvent(`replica.${replica.state}`, replica, stateText(replica))];
}

/** A replica that finds no free device stays pending, and says so once. */
function beginsToWait(known: ObservedReplica, { state, devices }: ObservedReplica): boolean {
  if (state !== 'pending' || devices?.toldBy !== 'platform') return false;
  return devices.unknown !== null && (known.devices?.unknown ?? null) === null;
}

function stateText(replica: ObservedReplica): string {
  if (replica.state !== 'ready' || replica.readyAtMs === null) return `is ${replica.state}: ${replica.reason}`;
  const from = replica.spare === undefined ? '' : ', made of a spare';
  return `is ready after ${((replica.readyAtMs - replica.startedAtMs) / 1000).toFixed(1)} s${from}`;
}

function makeEvent(kind: ReplicaKind, replica: ObservedReplica, text: string): EventNews {
  const { replicaId, pair, release, state, reason, pid, node, restarts, startedAtMs, readyAtMs, phases } = replica;
  const devices = replica.devices === undefined ? {} : { devices: { ...replica.devices } };
  const spare = replica.spare === undefined ? {} : { spare: replica.spare };
  return {
    kind,
    summary: `Replica ${replicaId} of release ${release} ${text}`,
    data: {
      replicaId,
      pair,
      release,
      state,
      reason,
      pid,
      node,
      restarts,
      startedAtMs,
      readyAtMs,
      phases,
      ...spare,
      ...devices,
    },
  };
}
