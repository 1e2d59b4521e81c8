import { coreSteps } from '../../core/units/next-steps/core-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Agent } from 'undici';
import { PlimsollError } from '../../core/units/errors.ts';
import { answerTimeoutMs, type ReplicaClient, type ReplicaPin } from '../../ports/serving/replica-client.ts';
import { readTokenStream, type TimedPart } from '../../protocols/openai/token-stream.ts';
import { askReplica, replicaAgent } from './bounded-request.ts';
import { askPinned } from './pinned-request.ts';
import { readBatchCounters } from './read-metrics.ts';
import { readAnswer, requireAnswer } from './require-answer.ts';

const askTimeoutMs = 5_000;
const chatTimeoutMs = answerTimeoutMs.openai;

/**
 * Speaks the OpenAI protocol to a replica: whether it is ready, and chat completions. It has no tensors: a golden set cannot be replayed through
 * it in this version, so that a release of such a service needs the golden evidence waived.
 */
export function makeOpenAiClient(agent: Agent = replicaAgent(), pin: ReplicaPin | null = null): ReplicaClient {
  return {
    async ready(endpoint, _model, signal) {
      const url = new URL('/v1/models', endpoint);
      return (await askReplica(agent, url, { method: 'GET', timeoutMs: askTimeoutMs, signal })).status === 200;
    },
    metadata: () => Promise.reject(noTensors('signature')),
    infer: () => Promise.reject(noTensors('golden set')),
    inferTensors: () => Promise.reject(noTensors('row of tensors')),
    takesBinary: () => Promise.resolve(false),

    async chat(endpoint, { model, messages, tokensAtMost, timeoutMs = chatTimeoutMs }, signal) {
      const url = new URL('/v1/chat/completions', endpoint);
      const body = [Buffer.from(JSON.stringify({ model, messages, max_tokens: tokensAtMost }))];
      const headers = { 'content-type': 'application/json' };
      const options = { method: 'POST', headers, body, timeoutMs, signal } as const;
      const answer = await askReplica(agent, url, options);
      requireAnswer(answer, url);
      readAnswer(url, () => requireCompletion(answer.body));
    },

    async streamChat(endpoint, { model, messages, tokensAtMost, isExact }, signal) {
      const url = new URL('/v1/chat/completions', endpoint);
      const exact = isExact === true ? { ignore_eos: true, min_tokens: tokensAtMost } : {};
      const asked = { model, messages, max_tokens: tokensAtMost, ...exact, ...asStream };
      const parts: TimedPart[] = [];
      const body = [Buffer.from(JSON.stringify(asked))];
      const headers = { 'content-type': 'application/json' };
      const sentMs = performance.now();
      const onPart = (bytes: Uint8Array): void => void parts.push({ atMs: performance.now() - sentMs, bytes });
      const options = { method: 'POST', headers, body, timeoutMs: chatTimeoutMs, onPart, signal } as const;
      requireAnswer(await askReplica(agent, url, options), url);
      return readTokenStream(parts) ?? throwNoTokens();
    },

    async meanLogprob(endpoint, { model, messages, tokensAtMost }, signal) {
      const asked = { model, messages, max_tokens: tokensAtMost, temperature: 0, logprobs: true };
      const headers = { 'content-type': 'application/json' };
      const body = [Buffer.from(JSON.stringify(asked))];
      const options = { method: 'POST', headers, body, timeoutMs: chatTimeoutMs, signal } as const;
      const { answer, url } = await askPinned(agent, endpoint, '/v1/chat/completions', options, pin);
      requireAnswer(answer, url);
      return readMeanLogprob(answer.body);
    },

    pinnedTo: (to) => makeOpenAiClient(agent, to),

    batchCounters: (endpoint, signal) => readBatchCounters(agent, endpoint, signal),
  };
}

/** A website answers 200 to whatever is asked. Some servers stream also where nobody asks for it. */
function requireCompletion(body: Uint8Array): void {
  const text = new TextDecoder().decode(body);
  if (text.startsWith('data:')) return;
  const { choices } = JSON.parse(text) as { readonly choices?: unknown };
  if (!Array.isArray(choices)) throw new TypeError(`expected \`choices\`, got ${text.slice(0, 100)}`);
}

const asStream = { stream: true, stream_options: { include_usage: true } };

function throwNoTokens(): never {
  throw new PlimsollError({
    code: 'replica-refused',
    category: 'refused',
    message: 'the server answers a request for a stream with no token',
    next: 'ask it with `"stream": true` at /v1/chat/completions',
  });
}

/** https://platform.openai.com/docs/api-reference/chat/object: `choices[0].logprobs.content[].logprob`. */
function readMeanLogprob(body: Uint8Array): number {
  try {
    const { choices } = JSON.parse(new TextDecoder().decode(body)) as {
      readonly choices: readonly {
        readonly logprobs: { readonly content: readonly { readonly logprob: unknown }[] };
      }[];
    };
    const found = (choices[0]?.logprobs.content ?? []).map(({ logprob }) => logprob);
    const numbers = found.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
    if (numbers.length > 0) return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  } catch {
    // Told below.
  }
  throw new PlimsollError({
    code: 'replica-refused',
    category: 'refused',
    message: 'the server gives no log probabilities of its tokens',
    next: 'start it with log probabilities, or write `monitoring.replay: { atMost: 0% }`',
  });
}

function noTensors(what: string): PlimsollError {
  return new PlimsollError({
    code: 'replica-refused',
    category: 'refused',
    message: `a ${what} of the OpenAI protocol is not yet available`,
    next: nextStep(coreSteps, 'golden-missing+golden-not-asked+evidence-refused+replica-refused/openai'),
  });
}
