import type { Agent } from 'undici';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaClient } from '../../ports/replica-client.ts';
import { askReplica, replicaAgent } from './bounded-request.ts';

const askTimeoutMs = 5_000;

/**
 * Asks a server of the OpenAI protocol whether it is ready. It has no tensors: a golden set cannot be replayed through
 * it in this version, so that a release of such a service needs the golden evidence waived.
 */
export function makeOpenAiClient(agent: Agent = replicaAgent()): ReplicaClient {
  return {
    async ready(endpoint, _model, signal) {
      const url = new URL('/v1/models', endpoint);
      return (await askReplica(agent, url, { method: 'GET', timeoutMs: askTimeoutMs, signal })).status === 200;
    },
    metadata: () => Promise.reject(noTensors('signature')),
    infer: () => Promise.reject(noTensors('golden set')),
    inferTensors: () => Promise.reject(noTensors('row of tensors')),
    takesBinary: () => Promise.resolve(false),
  };
}

function noTensors(what: string): PlimsollError {
  return new PlimsollError({
    code: 'replica-refused',
    category: 'refused',
    message: `a ${what} of the OpenAI protocol is not yet available`,
    next: 'plimsoll release --waive golden --reason TEXT --until DATE',
  });
}
