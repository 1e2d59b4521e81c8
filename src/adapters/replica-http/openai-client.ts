import type { Agent } from 'undici';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaClient } from '../../ports/serving/replica-client.ts';
import { askReplica, replicaAgent } from './bounded-request.ts';
import { readBatchCounters } from './read-metrics.ts';
import { requireAnswer } from './require-answer.ts';

const askTimeoutMs = 5_000;
const chatTimeoutMs = 120_000;

/**
 * Speaks the OpenAI protocol to a replica: whether it is ready, and chat completions. It has no tensors: a golden set cannot be replayed through
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

    async chat(endpoint, { model, messages, tokensAtMost }, signal) {
      const url = new URL('/v1/chat/completions', endpoint);
      const body = [Buffer.from(JSON.stringify({ model, messages, max_tokens: tokensAtMost }))];
      const headers = { 'content-type': 'application/json' };
      const options = { method: 'POST', headers, body, timeoutMs: chatTimeoutMs, signal } as const;
      requireAnswer(await askReplica(agent, url, options), url);
    },

    batchCounters: (endpoint, signal) => readBatchCounters(agent, endpoint, signal),
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
