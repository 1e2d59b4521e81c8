import type { Promises } from '../../core/contract/promises.ts';
import type { HealthChange, ServiceHealth } from '../../core/health/health.ts';
import { judgeHealth } from '../../core/health/judge-health.ts';
import { findStartTrouble } from '../../core/health/start-trouble.ts';
import type { OutcomeSpan } from '../../core/health/outcomes.ts';
import { rollbackCommand } from '../../core/health/rollback-hint.ts';
import type { RollbackState } from '../../core/rollout/rollback-target.ts';
import { isOutOfTraffic, type Isolation } from '../../core/rollout/isolation/isolation.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';

/** What only somebody who watches knows of a service. */
export interface WatchedHealth {
  readonly spans: readonly OutcomeSpan[];
  readonly heardAtMs: number | null;
  readonly change: HealthChange | null;
  /** Why what is known is not current; null while it is. */
  readonly problem: string | null;
  /** Whether replicas were observed at all. */
  readonly observed: boolean;
  /** What scaling ordered; null where nothing is ordered. */
  readonly ordered: number | null;
}

/** A machine that restarts costs a replica one start. */
const failingRestarts = 3;

/** Where nobody watches: only what is recorded is known. */
export const nobodyWatches: WatchedHealth = {
  spans: [],
  heardAtMs: null,
  change: null,
  problem: 'no control plane runs',
  observed: false,
  ordered: null,
};

/** The health of one service, by the store's records, the replicas that are seen, and what is watched. */
export function serviceHealth(
  state: RollbackState & {
    readonly nowMs: number;
    readonly replicas: readonly ObservedReplica[];
    readonly isolations: readonly Isolation[];
    readonly promises: Promises | null;
  },
  watched: WatchedHealth,
): ServiceHealth {
  const { deployment, releases, replicas, nowMs, promises } = state;
  const live = releases.find(({ number }) => number === deployment?.live);
  const own = replicas.filter((replica) => replica.pair === live?.pair && !isOutOfTraffic(state, replica));
  const ready = own.filter((replica) => replica.state === 'ready').length;
  const starting = own.filter(isOnItsWay).length;
  const incoming = releases.find(({ number }) => number === deployment?.incoming);
  const wanted = watched.ordered ?? live?.replicas.min ?? 0;
  return judgeHealth({
    ...watched,
    nowMs,
    promises,
    live: live?.number ?? null,
    incoming: deployment?.incoming ?? null,
    trouble: watched.observed ? findStartTrouble(replicas, (live ?? incoming)?.pair ?? null) : null,
    replicas: watched.observed ? { ready, starting, wanted } : null,
    rollback: rollbackCommand(state),
  });
}

/** One that fails at each start is on no way to anything, whatever it does at the moment. */
function isOnItsWay({ state, restarts }: ObservedReplica): boolean {
  return (state === 'pending' || state === 'starting') && restarts < failingRestarts;
}
