import type { ObservedReplica } from '../replica.ts';
import { rolloutBounds, type RolloutState } from './rollout-state.ts';
import type { RoutingTable } from '../routing/routing.ts';

export interface LetGo {
  readonly now: boolean;
  readonly reason: string;
}

/**
 * Whether replicas may be stopped without cutting a request off: they are in no table, every living gateway has
 * acknowledged the table that left them out, and none of the gateways has a request in flight on them. The wait is
 * bounded, because one endless stream must not hold a device for ever; the platform drains what is left.
 */
export function letGo(
  state: RolloutState,
  leaving: {
    readonly replicas: readonly ObservedReplica[];
    /** Since when they are unwanted. */
    readonly sinceMs: number;
    /** Generation that leaves them out. */
    readonly generation: number;
    /** Table as it is, or as it is about to be. */
    readonly routing: RoutingTable | null;
  },
): LetGo {
  const ids = leaving.replicas.map((replica) => replica.replicaId);
  if (ids.length === 0) return { now: true, reason: 'none of its replicas runs' };
  const routed = leaving.routing?.splits.flatMap((split) => split.replicas.map((replica) => replica.replicaId)) ?? [];
  if (ids.some((id) => routed.includes(id))) return { now: false, reason: 'requests are still routed to it' };
  const waitedMs = state.nowMs - leaving.sinceMs;
  if (waitedMs >= rolloutBounds.letGoMs) {
    return { now: true, reason: `${Math.round(waitedMs / 1000)} s have passed since requests stopped going to it` };
  }
  if (state.nowMs - state.observingSinceMs < rolloutBounds.gatewayLostMs) {
    return { now: false, reason: 'gateways have not all reported yet' };
  }
  const behind = state.gateways.find((gateway) => gateway.acknowledgedGeneration < leaving.generation);
  if (behind !== undefined) {
    return { now: false, reason: `gateway ${behind.gatewayId} has not acknowledged generation ${leaving.generation}` };
  }
  const inFlight = state.gateways.reduce(
    (sum, gateway) => sum + ids.reduce((own, id) => own + (gateway.inFlight.get(id) ?? 0), 0),
    0,
  );
  if (inFlight > 0) return { now: false, reason: `${inFlight} requests are in flight on it` };
  return { now: true, reason: 'no gateway has a request in flight on it' };
}
