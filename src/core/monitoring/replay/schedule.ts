import { digestOf } from '../../units/digest.ts';
import type { ReplayedReplica, ReplayState, ReplicaReplays } from './replay-state.ts';
import type { ReplayTerms } from './replay-terms.ts';

/** Replicas that are gone are kept to compare nodes by, these at most. */
const goneAtMost = 50;
const replicasAtMost = 500;
/** A replay that said nothing is tried again after this long, unless the schedule is faster. */
const againMs = 60_000;

type Schedule = Pick<ReplayTerms, 'everyMs' | 'atMostShare'>;

/**
 * The state with the replicas that are there now. A new one has its first replay at a time of its own within `every`, so that
 * those that started together are not replayed together.
 */
export function seeReplicas(
  state: ReplayState,
  there: readonly ReplayedReplica[],
  schedule: Schedule,
  nowMs: number,
): ReplayState {
  const known = new Map(state.replicas.map((replica) => [replica.replicaId, replica]));
  const present = there.slice(0, replicasAtMost).map((replica): ReplicaReplays => {
    const before = known.get(replica.replicaId);
    if (before === undefined) return beginReplica(replica, schedule, nowMs);
    return { ...before, ...replica, goneAtMs: null };
  });
  const ids = new Set(present.map(({ replicaId }) => replicaId));
  const gone = state.replicas
    .filter(({ replicaId }) => !ids.has(replicaId))
    .map((replica) => ({ ...replica, goneAtMs: replica.goneAtMs ?? nowMs }))
    .sort((a, b) => a.goneAtMs - b.goneAtMs)
    .slice(-goneAtMost);
  return { ...state, replicas: [...gone, ...present] };
}

function beginReplica(replica: ReplayedReplica, { everyMs }: Schedule, nowMs: number): ReplicaReplays {
  return {
    ...replica,
    ...{ passed: 0, failed: 0, unknown: 0, requests: 0, busyMs: 0, verdict: 'unknown', inARow: 0 },
    ...{ sinceMs: nowMs, dueAtMs: nowMs + everyMs * shareOf(replica.replicaId), recent: [] },
    ...{ divergedAtMs: null, goneAtMs: null },
  };
}

/** A number in [0, 1) that is always the same for the same name. */
export function shareOf(name: string): number {
  return Number.parseInt(shortHash(name), 16) / 2 ** 32;
}

export const shortHash = (text: string): string => digestOf(text).slice(-8);

/** Those that are due, the longest first. A clock that was set back makes one due that would wait longer than it may. */
export function dueReplicas(state: ReplayState, schedule: Schedule, nowMs: number): readonly ReplicaReplays[] {
  return state.replicas
    .filter((replica) => replica.goneAtMs === null)
    .filter((replica) => nowMs >= replica.dueAtMs || replica.dueAtMs - nowMs > waitMs(replica, schedule))
    .sort((a, b) => a.dueAtMs - b.dueAtMs);
}

/**
 * How long after a replay the next one comes: `every`, or as long as it takes until the replay was no more than `atMost` of
 * the time. One that said nothing comes again sooner.
 */
export function waitMs({ recent }: Pick<ReplicaReplays, 'recent'>, { everyMs, atMostShare }: Schedule): number {
  const last = recent.at(-1);
  if (last === undefined) return everyMs;
  const wanted = last.verdict === 'unknown' ? Math.min(everyMs, againMs) : everyMs;
  return Math.max(wanted, last.busyMs / atMostShare);
}
