import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Protocol } from '../../core/contract/contract.ts';
import type { ReplayPath } from '../../core/monitoring/replay/replay-state.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { ReplicaClient, ReplicaPin } from '../../ports/serving/replica-client.ts';
import { replayHeader, replayText } from '../../schemas/gateway/golden-replay.ts';

/** A way to one replica. */
export interface ReplicaWay {
  readonly path: ReplayPath;
  readonly client: ReplicaClient;
  readonly endpoint: string;
}

export interface WayParts {
  replicaClientFor(protocol: Protocol): ReplicaClient;
  readonly key: string;
  /** Addresses of the gateways that report. */
  gateways(): readonly string[];
}

/** Known to the gateways of one service alone, and never written down. */
export const makeReplayKey = (): string => randomBytes(32).toString('base64url');

export function makePin(key: string, replicaId: string): ReplicaPin {
  return {
    replicaId,
    fields: () => {
      const requestId = `golden-${randomUUID()}`;
      const signed = createHmac('sha256', key).update(replayText(requestId, replicaId)).digest('hex');
      return { 'x-request-id': requestId, [replayHeader]: `${signed}.${replicaId}` };
    },
  };
}

/**
 * The ways to a replica, the best first: through a gateway, each in its turn, as requests of clients come; then past them.
 * @param turn counts up, so that every gateway is taken.
 */
export function waysTo(
  { replicaClientFor, key, gateways }: WayParts,
  { replicaId, endpoint }: Pick<ObservedReplica, 'replicaId' | 'endpoint'>,
  protocol: Protocol,
  turn: number,
): readonly ReplicaWay[] {
  const client = replicaClientFor(protocol);
  const addresses = gateways();
  const address = addresses[turn % Math.max(1, addresses.length)];
  const through: readonly ReplicaWay[] =
    address === undefined
      ? []
      : [{ path: 'gateway', client: client.pinnedTo(makePin(key, replicaId)), endpoint: address }];
  return endpoint === null ? through : [...through, { path: 'direct', client, endpoint }];
}
