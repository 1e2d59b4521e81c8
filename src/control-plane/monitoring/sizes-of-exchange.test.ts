import { describe, expect, it } from 'vitest';
import type { CapturedSample } from '../../core/monitoring/samples/sample.ts';
import { decodeSample } from './decode-sample.ts';
import { sizesOfExchange } from './sizes-of-exchange.ts';

function sampleOf(request: string, response: string, contentType = 'application/json'): CapturedSample {
  const content = (body: string, type: string) => ({
    ...{ contentType: type, jsonBytes: null, contentEncoding: null, cut: false },
    body: new TextEncoder().encode(body),
  });
  return {
    ...{ requestId: 'r', arrivedAtMs: 0, release: 1, modelVersion: 1, replicaId: 'a', method: 'POST', path: '/' },
    ...{ status: 200, latencyMs: 1, sampled: true, control: null, unit: null, complete: true },
    request: content(request, 'application/json'),
    response: content(response, contentType),
  };
}

function sizes(sample: CapturedSample, protocol: 'openai' | 'open-inference-v2') {
  const decoded = decodeSample(sample, protocol);
  if ('unreadable' in decoded) throw new Error(decoded.unreadable);
  return sizesOfExchange(sample, decoded);
}

const chat = '{"model":"m","messages":[{"role":"user","content":"hi"}]}';

describe('the sizes of a captured request', () => {
  it('are the tokens that the server counted, of an object and of a stream', () => {
    const usage = '"usage":{"prompt_tokens":12,"completion_tokens":3}';
    const object = `{"choices":[{"index":0,"message":{"content":"so"}}],${usage}}`;
    const stream = `data: {"choices":[{"index":0,"delta":{"content":"so"}}]}\n\ndata: {"choices":[],${usage}}\n\n`;
    const expected = { 'tokens-in': 12, 'tokens-out': 3, bytes: chat.length };
    expect(sizes(sampleOf(chat, object), 'openai')).toEqual(expected);
    expect(sizes(sampleOf(chat, stream, 'text/event-stream'), 'openai')).toEqual(expected);
  });

  it('are its bytes alone where the server counts no tokens', () => {
    const stream = 'data: {"choices":[{"index":0,"delta":{"content":"so"}}]}\n\n';
    expect(sizes(sampleOf(chat, stream, 'text/event-stream'), 'openai')).toEqual({ bytes: chat.length });
  });

  it('are the rows of its first tensor', () => {
    const request = '{"inputs":[{"name":"x","datatype":"FP32","shape":[3,2],"data":[1,2,3,4,5,6]}]}';
    const response = '{"model_name":"m","outputs":[]}';
    expect(sizes(sampleOf(request, response), 'open-inference-v2')).toEqual({ rows: 3, bytes: request.length });
  });
});
