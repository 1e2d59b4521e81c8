import type { EventOf, StoredEvent } from '../../../src/core/records/event.ts';
import { hasFacts } from '../../../src/core/records/facts.ts';
import type { ReplicaView } from '../../../src/schemas/view/view.ts';

/** One replica from its start to its end, whether it is still there or only the events tell of it. */
export interface KnownReplica extends Pick<
  ReplicaView,
  'replicaId' | 'release' | 'state' | 'reason' | 'startedAtMs' | 'readyAtMs' | 'phases'
> {
  /** When it stopped taking part: drained, stopped, failed or gone; null while it takes part. */
  readonly leftAtMs: number | null;
}

/**
 * What is known of the replicas, newest start first. The events tell when each one left, the view what each one is now; a replica
 * of which an event's data cannot be read is left out, because a made-up moment would be drawn.
 *
 * @param events of the family `replica`, in any order.
 */
export function knownReplicas(
  present: readonly ReplicaView[],
  events: readonly StoredEvent[],
): readonly KnownReplica[] {
  const known = new Map<string, KnownReplica>();
  for (const event of events.toSorted((a, b) => a.seq - b.seq)) {
    const told = replicaOf(event);
    if (told === null) continue;
    const before = known.get(told.replicaId);
    known.set(told.replicaId, { ...told, leftAtMs: before?.leftAtMs ?? told.leftAtMs });
  }
  for (const replica of present) {
    const { replicaId, release, state, reason, startedAtMs, readyAtMs, phases } = replica;
    const before = known.get(replicaId)?.leftAtMs ?? null;
    const takesPart = state === 'pending' || state === 'starting' || state === 'ready';
    // Where no event tells when it left, it is not counted at all rather than for too long.
    const leftAtMs = takesPart ? null : (before ?? readyAtMs ?? startedAtMs);
    known.set(replicaId, { replicaId, release, state, reason, startedAtMs, readyAtMs, phases, leftAtMs });
  }
  return [...known.values()].sort((a, b) => b.startedAtMs - a.startedAtMs);
}

/** The replica as one event tells it; null where the event tells of none, or not when the replica started. */
function replicaOf(event: StoredEvent): KnownReplica | null {
  switch (event.kind) {
    case 'replica.pending':
    case 'replica.starting':
    case 'replica.ready':
    case 'replica.adopted':
      return seenReplica(event.data, null);
    case 'replica.draining':
    case 'replica.stopped':
    case 'replica.failed':
      return seenReplica(event.data, event.atMs);
    case 'replica.gone': {
      // A replica that is gone is told with the state that it had.
      const seen = seenReplica(event.data, event.atMs);
      return seen === null ? null : { ...seen, state: 'stopped' };
    }
    default:
      return null;
  }
}

function seenReplica(data: EventOf<'replica.ready'>['data'], leftAtMs: number | null): KnownReplica | null {
  if (!hasFacts(data, 'replicaId', 'release', 'state', 'startedAtMs')) return null;
  const { replicaId, release, state, reason = '', startedAtMs, readyAtMs = null, phases = [] } = data;
  return {
    replicaId,
    release,
    state,
    reason,
    startedAtMs,
    readyAtMs,
    phases: phases as KnownReplica['phases'],
    leftAtMs,
  };
}

/** From this moment on, until the next. */
export interface ReplicaCount {
  readonly atMs: number;
  readonly ready: number;
  readonly loading: number;
}

/** How many replicas were ready and how many were loading, as steps over `[fromMs, toMs]`; the first step begins at `fromMs`. */
export function replicaCounts(
  replicas: readonly KnownReplica[],
  fromMs: number,
  toMs: number,
): readonly ReplicaCount[] {
  const moments = replicas.flatMap(({ startedAtMs, readyAtMs, leftAtMs }) => [startedAtMs, readyAtMs, leftAtMs]);
  const inside = moments.filter((atMs): atMs is number => atMs !== null && atMs > fromMs && atMs <= toMs);
  return [...new Set([fromMs, ...inside])].sort((a, b) => a - b).map((atMs) => countAt(replicas, atMs));
}

function countAt(replicas: readonly KnownReplica[], atMs: number): ReplicaCount {
  const there = replicas.filter(
    ({ startedAtMs, leftAtMs }) => startedAtMs <= atMs && (leftAtMs === null || leftAtMs > atMs),
  );
  const ready = there.filter(({ readyAtMs }) => readyAtMs !== null && readyAtMs <= atMs).length;
  return { atMs, ready, loading: there.length - ready };
}

/** The step that holds at a moment; null before the first. */
export function stepAt<T extends { readonly atMs: number }>(steps: readonly T[], atMs: number): T | null {
  return steps.findLast((step) => step.atMs <= atMs) ?? null;
}
