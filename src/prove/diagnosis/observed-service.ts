import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { ObservedService } from './observe.ts';

type Scope = Pick<ObservedService, 'service' | 'environment'>;
type Serving = Pick<ObservedReplica, 'replicaId' | 'state' | 'endpoint' | 'pid' | 'devices'>;

/** Returns what is looked at of a service: its gateways, and those of its replicas that are ready. */
export function observeServing(
  { service, environment }: Scope,
  gateways: ObservedService['gateways'],
  replicas: readonly Serving[],
): ObservedService {
  return {
    ...{ service, environment },
    gateways: gateways.map(({ gatewayId, address }) => ({ gatewayId, address })),
    replicas: replicas
      .filter(({ state }) => state === 'ready')
      .map(({ replicaId, endpoint, pid, devices }) => ({ replicaId, endpoint, pid, devices: uuidsOf(devices) })),
  };
}

/** Null where they are not known. A platform that does not hand out accelerators leaves them out. */
function uuidsOf(devices: Serving['devices']): readonly string[] | null {
  if (devices === undefined || devices.devices === null) return null;
  const uuids = devices.devices.map(({ uuid, mig }) => mig?.parentUuid ?? uuid);
  return uuids.some((uuid) => uuid === null) ? null : uuids.filter((uuid) => uuid !== null);
}

/** Returns how many accelerators a replica has; 1 where it has none, because a replica is the unit then. */
export const countAccelerators = ({ devices }: Pick<ObservedReplica, 'devices'>): number =>
  Math.max(1, devices?.devices?.length ?? 1);
