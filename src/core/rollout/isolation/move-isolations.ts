import type { EventNews } from '../../records/event.ts';
import type { RolloutState } from '../deployment/rollout-state.ts';
import type { ObservedReplica } from '../replica.ts';
import { findRelease, isOver, mayServe, rejectionOf } from '../routing/routable.ts';
import { isolationOf, type Isolation } from './isolation.ts';

export interface MovedIsolations {
  /** As they stand now; the same list where nothing moves. */
  readonly isolations: readonly Isolation[];
  readonly events: readonly EventNews[];
}

/**
 * Moves each isolation by what is seen, the oldest first. First match decides:
 *
 * | stage | what is seen | becomes |
 * |---|---|---|
 * | any | its replica is gone or has ended | over |
 * | any | the service was removed | over |
 * | waiting | its time is over | over: it never left traffic |
 * | waiting | it serves, and no other replica of its pair does | waiting |
 * | waiting | else | isolated |
 * | isolated | its time is over | leaving |
 * | returning | it was admitted again | over: it is a replica as any other |
 * | returning | it does not reproduce its golden set, or its time is over | isolated; leaving |
 *
 * So the last replica that serves is never taken. A replica whose isolation was asked for is not counted as another one that serves.
 */
export function moveIsolations(state: RolloutState): MovedIsolations {
  if (state.isolations.length === 0) return { isolations: state.isolations, events: [] };
  const moved = state.isolations.map((isolation) => moveOne(state, isolation));
  if (moved.every(({ event }) => event === null)) return { isolations: state.isolations, events: [] };
  return {
    isolations: moved.flatMap(({ isolation }) => (isolation === null ? [] : [isolation])),
    events: moved.flatMap(({ event }) => (event === null ? [] : [event])),
  };
}

interface Moved {
  /** Null where it is over. */
  readonly isolation: Isolation | null;
  /** Null where nothing moves. */
  readonly event: EventNews | null;
}

function moveOne(state: RolloutState, isolation: Isolation): Moved {
  const replica = state.replicas.find(({ replicaId }) => replicaId === isolation.replicaId);
  if (replica === undefined || isOver(replica)) return end(isolation, 'its process ended');
  if (state.deployment === null || state.deployment.phase === 'removed')
    return end(isolation, 'the service was removed');
  const isTimeOver = state.nowMs >= isolation.untilMs;
  switch (isolation.stage) {
    case 'waiting':
      if (isTimeOver) return end(isolation, 'no other replica served in time: it never left traffic');
      return isLastServing(state, replica) ? { isolation, event: null } : isolate(state, isolation);
    case 'isolated':
      return isTimeOver ? leave(isolation) : { isolation, event: null };
    case 'returning':
      return moveReturning(state, isolation, replica, isTimeOver);
    case 'leaving':
      return { isolation, event: null };
  }
}

function moveReturning(
  state: RolloutState,
  isolation: Isolation,
  replica: ObservedReplica,
  isTimeOver: boolean,
): Moved {
  if (state.admissions.has(replica.replicaId)) return end(isolation, 'it was admitted again, and gets traffic');
  if (isTimeOver) return leave(isolation);
  const { live, incoming } = state.deployment ?? { live: null, incoming: null };
  const releases = [findRelease(state, live), findRelease(state, incoming)];
  const rejected = releases.flatMap((release) => (release === null ? [] : [rejectionOf(state, replica, release)]));
  const why = rejected.find((reason) => reason !== null);
  if (why === undefined || why === null) return { isolation, event: null };
  return isolate(state, isolation, `it stays isolated, because it does not reproduce its golden set: ${why}`);
}

/** What says whether a replica is the last one that serves. */
export type ServingState = Pick<RolloutState, 'replicas' | 'admissions' | 'isolations' | 'deployment' | 'releases'>;

/** Its pair has traffic, it serves, and nothing else of the pair would go on serving without it. */
export function isLastServing(state: ServingState, replica: ObservedReplica): boolean {
  const numbers = [state.deployment?.live, state.deployment?.incoming];
  const hasTraffic = state.releases.some(({ number, pair }) => numbers.includes(number) && pair === replica.pair);
  if (!hasTraffic || !mayServe(state, replica)) return false;
  return !state.replicas.some(
    (other) =>
      other.replicaId !== replica.replicaId &&
      other.pair === replica.pair &&
      isolationOf(state, other.replicaId) === null &&
      mayServe(state, other),
  );
}

function isolate(state: RolloutState, isolation: Isolation, why: string = isolation.reason): Moved {
  const { replicaId } = isolation;
  return {
    isolation: { ...isolation, stage: 'isolated', sinceMs: isolation.sinceMs ?? state.nowMs },
    event: {
      kind: 'replica.isolated',
      summary: `Replica ${replicaId} is isolated and gets no traffic: ${why}`,
      data: { replicaId, reason: why, untilMs: isolation.untilMs },
    },
  };
}

function leave(isolation: Isolation): Moved {
  const { replicaId } = isolation;
  return {
    isolation: { ...isolation, stage: 'leaving' },
    event: makeEndedEvent(replicaId, 'the time of its isolation is over: it is stopped'),
  };
}

const end = ({ replicaId }: Isolation, reason: string): Moved => ({
  isolation: null,
  event: makeEndedEvent(replicaId, reason),
});

export function makeEndedEvent(replicaId: string, reason: string): EventNews {
  return {
    kind: 'replica.isolation-ended',
    summary: `The isolation of replica ${replicaId} ended: ${reason}`,
    data: { replicaId, reason },
  };
}
