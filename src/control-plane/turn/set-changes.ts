import type { PlannedSet } from '../../core/rollout/deployment/rollout-state.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { EventNews } from '../../core/records/event.ts';

export interface AskedSet {
  readonly replicas: number;
}

/** What the platform was asked before; in the first turn of a control plane, what it is seen to run. */
export function askedBefore(replicas: readonly ObservedReplica[]): ReadonlyMap<string, AskedSet> {
  const sets = new Map<string, AskedSet>();
  for (const replica of replicas) {
    if (replica.state !== 'pending' && replica.state !== 'starting' && replica.state !== 'ready') continue;
    sets.set(replica.set, { replicas: (sets.get(replica.set)?.replicas ?? 0) + 1 });
  }
  return sets;
}

/** One event for each set whose wanted number of replicas moves, with the reason. */
export function makeSetEvents(
  before: ReadonlyMap<string, AskedSet>,
  planned: readonly PlannedSet[],
): readonly EventNews[] {
  const names = new Set(planned.map((set) => set.set));
  const moved = planned
    .filter((set) => before.get(set.set)?.replicas !== set.replicas)
    .map((set): EventNews => ({
      kind: 'replicas.wanted',
      summary: `${set.set} is to have ${count(set.replicas)} (before: ${before.get(set.set)?.replicas ?? 0}): ${set.reason}`,
      data: {
        set: set.set,
        release: set.release,
        replicas: set.replicas,
        stopFirst: set.stopFirst,
        reason: set.reason,
      },
    }));
  const dropped = [...before.keys()]
    .filter((set) => !names.has(set))
    .map((set): EventNews => ({
      kind: 'replicas.wanted',
      summary: `${set} is to have no replica (before: ${before.get(set)?.replicas ?? 0}): no release wants it, and no gateway holds on to it`,
      data: { set, replicas: 0, reason: 'no release wants it' },
    }));
  return [...moved, ...dropped];
}

function count(replicas: number): string {
  return `${replicas} replica${replicas === 1 ? '' : 's'}`;
}
