import type { ReplicaState } from '../../../src/core/rollout/replica.ts';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import type { ReplicaView } from '../../../src/schemas/view/view.ts';

/** One replica from its start to its end, whether it is still there or only the events tell of it. */
export interface KnownReplica extends Pick<
  ReplicaView,
  'replicaId' | 'release' | 'state' | 'reason' | 'startedAtMs' | 'readyAtMs' | 'phases'
> {
  /** When it stopped taking part: drained, stopped, failed or gone; null while it takes part. */
  readonly leftAtMs: number | null;
}

const left: ReadonlySet<string> = new Set(['replica.draining', 'replica.stopped', 'replica.failed', 'replica.gone']);

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
    const leftAtMs = before?.leftAtMs ?? (left.has(event.kind) ? event.atMs : null);
    known.set(told.replicaId, { ...told, leftAtMs });
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

function replicaOf({ kind, data }: StoredEvent): Omit<KnownReplica, 'leftAtMs'> | null {
  const { replicaId, release, state, reason, startedAtMs, readyAtMs, phases } = data;
  if (typeof replicaId !== 'string' || typeof release !== 'number' || typeof startedAtMs !== 'number') return null;
  return {
    replicaId,
    release,
    // A replica that is gone is told with the state that it had.
    state: kind === 'replica.gone' ? 'stopped' : (state as ReplicaState),
    reason: typeof reason === 'string' ? reason : '',
    startedAtMs,
    readyAtMs: typeof readyAtMs === 'number' ? readyAtMs : null,
    phases: Array.isArray(phases) ? (phases as KnownReplica['phases']) : [],
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
