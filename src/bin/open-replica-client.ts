import type { Protocol } from '../core/contract/contract.ts';
import { makeOpenAiClient } from '../adapters/replica-http/openai-client.ts';
import { makeOpenInferenceClient } from '../adapters/replica-http/open-inference-client.ts';
import type { ReplicaClient } from '../ports/replica-client.ts';

export function openReplicaClient(protocol: Protocol): ReplicaClient {
  return protocol === 'openai' ? makeOpenAiClient() : makeOpenInferenceClient();
}
