import type { Agent } from 'undici';
import { PlimsollError } from '../../core/units/errors.ts';
import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import { answerTimeoutMs, type ReplicaClient, type ReplicaPin } from '../../ports/serving/replica-client.ts';
import { goldenTensorOf, wireTensorOf } from '../../protocols/open-inference/golden-tensor.ts';
import { encodeInferRequest, parseHeaderLength } from '../../protocols/open-inference/infer-request.ts';
import { parseInferResponse } from '../../protocols/open-inference/infer-response.ts';
import { parseModelMetadata } from '../../protocols/open-inference/metadata.ts';
import { modelPath } from '../../protocols/open-inference/paths.ts';
import type { WireTensor } from '../../protocols/open-inference/tensor.ts';
import { askReplica, replicaAgent } from './bounded-request.ts';
import { askPinned } from './pinned-request.ts';
import { readBatchCounters } from './read-metrics.ts';
import { readAnswer, requireAnswer } from './require-answer.ts';

const askTimeoutMs = 5_000;
const inferTimeoutMs = answerTimeoutMs['open-inference-v2'];
const headerLength = 'inference-header-content-length';

/** Speaks the Open Inference Protocol v2 to a replica, whatever server it is. */
export function makeOpenInferenceClient(agent: Agent = replicaAgent(), pin: ReplicaPin | null = null): ReplicaClient {
  return {
    async ready(endpoint, model, signal) {
      const url = new URL(modelPath(model, null, '/ready'), endpoint);
      const answer = await askReplica(agent, url, { method: 'GET', timeoutMs: askTimeoutMs, signal });
      return answer.status === 200;
    },

    async metadata(endpoint, model, signal) {
      const url = new URL(modelPath(model, null, ''), endpoint);
      const answer = await askReplica(agent, url, { method: 'GET', timeoutMs: askTimeoutMs, signal });
      requireAnswer(answer, url);
      const { inputs, outputs } = readAnswer(url, () => parseModelMetadata(answer.body));
      return { inputs, outputs };
    },

    async infer(endpoint, model, inputs, signal, timeoutMs) {
      const form = inputs.some(needsBinary) ? 'binary' : 'json';
      const tensors = { inputs: inputs.map(wireTensorOf), form, binaryOutput: false } as const;
      return (await ask(agent, endpoint, model, tensors, signal, pin, timeoutMs)).map(goldenTensorOf);
    },

    inferTensors(endpoint, model, { inputs, binary }, signal) {
      const tensors = { inputs, form: binary ? 'binary' : 'json', binaryOutput: binary } as const;
      return ask(agent, endpoint, model, tensors, signal, pin);
    },

    async takesBinary(endpoint, signal) {
      const url = new URL('/v2', endpoint);
      const answer = await askReplica(agent, url, { method: 'GET', timeoutMs: askTimeoutMs, signal });
      return answer.status === 200 && /"binary_tensor_data"/.test(new TextDecoder().decode(answer.body));
    },

    chat: () => Promise.reject(noChat()),
    streamChat: () => Promise.reject(noChat()),
    meanLogprob: () => Promise.reject(noChat()),
    pinnedTo: (to) => makeOpenInferenceClient(agent, to),
    batchCounters: (endpoint, signal) => readBatchCounters(agent, endpoint, signal),
  };
}

interface Tensors {
  readonly inputs: readonly WireTensor[];
  readonly form: 'json' | 'binary';
  readonly binaryOutput: boolean;
}

async function ask(
  agent: Agent,
  endpoint: string,
  model: string,
  tensors: Tensors,
  signal: AbortSignal,
  pin: ReplicaPin | null,
  timeoutMs: number = inferTimeoutMs,
): Promise<readonly WireTensor[]> {
  const options = { ...encode(tensors), method: 'POST', timeoutMs, signal } as const;
  const { answer, url } = await askPinned(agent, endpoint, modelPath(model, null, '/infer'), options, pin);
  requireAnswer(answer, url);
  const length = answer.headers[headerLength];
  const headerBytes = typeof length === 'string' ? length : undefined;
  return readAnswer(url, () => parseInferResponse(answer.body, parseHeaderLength(headerBytes)).outputs);
}

/** JSON, which every server takes; binary where JSON has no number for a value, or where the server says it has it. */
function encode({ inputs, form, binaryOutput }: Tensors): {
  headers: Record<string, string>;
  body: readonly Uint8Array[];
} {
  const { json, binary } = encodeInferRequest({ id: null, inputs, outputs: [], binaryOutput }, form);
  const head = Buffer.from(json);
  return form === 'json'
    ? { headers: { 'content-type': 'application/json' }, body: [head] }
    : {
        headers: { 'content-type': 'application/octet-stream', [headerLength]: String(head.length) },
        body: [head, ...binary],
      };
}

function needsBinary({ datatype, data }: GoldenTensor): boolean {
  return datatype.startsWith('FP') && data.some((value) => typeof value === 'string');
}

function noChat(): PlimsollError {
  return new PlimsollError({
    code: 'replica-refused',
    category: 'refused',
    message: 'a server of the Open Inference Protocol has no chat completions',
  });
}
