import type { Protocol } from '../../core/contract/contract.ts';
import { replicaAgent } from '../../adapters/replica-http/bounded-request.ts';
import { makeOpenAiClient } from '../../adapters/replica-http/openai-client.ts';
import { makeOpenInferenceClient } from '../../adapters/replica-http/open-inference-client.ts';
import { replicaTls } from './tls/open-replica-tls.ts';
import type { ReplicaClient } from '../../ports/serving/replica-client.ts';

/** @param connections to one replica at most; more requests than that wait here. */
export function openReplicaClient(protocol: Protocol, connections?: number): ReplicaClient {
  const agent = replicaAgent(connections, replicaTls());
  return protocol === 'openai' ? makeOpenAiClient(agent) : makeOpenInferenceClient(agent);
}
