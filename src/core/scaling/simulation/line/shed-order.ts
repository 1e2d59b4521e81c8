import type { SimulatedReplica } from '../simulated-replica.ts';

/**
 * The replicas that a step down gives up, worst first. As `shedReplicas` of core/rollout/desired-sets.ts: those that do not
 * serve yet (one in a backoff, then one that waits for an accelerator or loads, the youngest first), so that one that serves goes
 * only where fewer are wanted than are ready. The ready ones go by requests under way, the fewest first, and the youngest of
 * equals: the gateway takes a replica out of its table before it is stopped, and this one is empty soonest.
 */
export function shedOrder(wanted: readonly SimulatedReplica[]): readonly SimulatedReplica[] {
  return [...wanted].sort(
    (a, b) => worth(a) - worth(b) || (a.state === 'ready' ? a.line.held - b.line.held : 0) || b.order - a.order,
  );
}

function worth(replica: SimulatedReplica): number {
  return replica.state === 'backoff' ? 0 : replica.state === 'ready' ? 2 : 1;
}
