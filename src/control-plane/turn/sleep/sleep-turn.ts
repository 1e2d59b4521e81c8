import type { RolloutState, SleepOrders } from '../../../core/rollout/deployment/rollout-state.ts';
import type { Release } from '../../../core/rollout/release.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import { maySleep, findSleepTarget, showSleep, type KnownSleep } from '../../../core/rollout/sleep/sleep-stage.ts';
import { mayServe } from '../../../core/rollout/routing/routable.ts';
import type { SleepTurn } from './sleep-book.ts';

/** What one turn sees of sleep. */
export interface SeenSleep {
  /** As the platform sees them, with what is known of their sleep. */
  readonly replicas: readonly ObservedReplica[];
  readonly known: ReadonlyMap<string, KnownSleep>;
}

/** Returns the replicas with what is known of the sleep of those that may sleep. @param admitted ids */
export function lookAtSleep(
  observed: readonly ObservedReplica[],
  releases: readonly Release[],
  known: ReadonlyMap<string, KnownSleep>,
  admitted: ReadonlySet<string>,
): SeenSleep {
  const replicas = observed.map((replica) =>
    maySleep(releases, replica)
      ? showSleep(replica, known.get(replica.replicaId), admitted.has(replica.replicaId))
      : replica,
  );
  return { replicas, known: new Map(known) };
}

/** Returns what the book is told once the turn was recorded. */
export function makeSleepTurn(seen: SeenSleep, state: RolloutState, orders: SleepOrders): SleepTurn {
  const { releases, admissions } = state;
  const unknown = seen.replicas.filter(
    (replica) =>
      (replica.state === 'ready' || replica.state === 'starting') &&
      maySleep(releases, replica) &&
      !seen.known.has(replica.replicaId) &&
      !admissions.has(replica.replicaId),
  );
  const serving = state.replicas.filter((replica) => mayServe(state, replica));
  return {
    orders,
    unknown: unknown.flatMap((replica) => findSleepTarget(releases, replica) ?? []),
    present: new Set(seen.replicas.map(({ replicaId }) => replicaId)),
    serving: new Set(serving.map(({ replicaId }) => replicaId)),
  };
}
