import type { Agent } from 'undici';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaPin } from '../../ports/serving/replica-client.ts';
import { replayHeader } from '../../schemas/gateway/golden-replay.ts';
import { askReplica, type ReplicaAnswer } from './bounded-request.ts';

/**
 * As `askReplica`, through a gateway where there is a pin. An answer that is not of that replica counts as none: an older
 * gateway takes the request for a client's, and sends it anywhere. @throws PlimsollError `replica-not-pinned` (unavailable).
 */
export async function askPinned(
  agent: Agent,
  endpoint: string,
  path: string,
  options: Parameters<typeof askReplica>[2],
  pin: ReplicaPin | null,
): Promise<{ readonly answer: ReplicaAnswer; readonly url: URL }> {
  // A gateway of many services has the name of the service in its address.
  const url = new URL(`${endpoint.replace(/\/$/, '')}${path}`);
  if (pin === null) return { answer: await askReplica(agent, url, options), url };
  const headers = { ...options.headers, ...pin.fields() };
  const answer = await askReplica(agent, url, { ...options, headers });
  if (answer.headers[replayHeader] === pin.replicaId) return { answer, url };
  throw new PlimsollError({
    code: 'replica-not-pinned',
    category: 'unavailable',
    message: `the gateway at ${url.origin} did not send the request to ${pin.replicaId}: it answered ${answer.status}`,
    details: { status: answer.status },
  });
}
