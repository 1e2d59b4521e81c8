import { expect, test } from 'vitest';
import { readRow } from '../../core/monitoring/features/read-row.ts';
import type { CapturedContent, CapturedSample } from '../../core/monitoring/samples/sample.ts';
import { encodeInferRequest } from '../../protocols/open-inference/infer-request.ts';
import { encodeInferResponse } from '../../protocols/open-inference/infer-response.ts';
import { wireBytes } from '../../testing/builders/wire-tensors.ts';
import { decodeSample } from './decode-sample.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function content(body: string | Uint8Array, more: Partial<CapturedContent> = {}): CapturedContent {
  const bytes = typeof body === 'string' ? utf8(body) : body;
  return { contentType: 'application/json', jsonBytes: null, contentEncoding: null, body: bytes, cut: false, ...more };
}

function sampleOf(
  request: CapturedContent,
  response: CapturedContent,
  more: Partial<CapturedSample> = {},
): CapturedSample {
  return {
    requestId: 'r1',
    arrivedAtMs: 0,
    release: 1,
    modelVersion: 1,
    replicaId: 'digits-1',
    method: 'POST',
    path: '/v2/models/digits/infer',
    status: 200,
    latencyMs: 3,
    sampled: true,
    control: null,
    unit: null,
    request,
    response,
    complete: true,
    ...more,
  };
}

const pixels = {
  name: 'x',
  datatype: 'FP32',
  shape: [1, 2],
  bytes: new Uint8Array(new Float32Array([0.5, -2]).buffer),
};
const word = { name: 'w', datatype: 'BYTES' as const, shape: [1, 1], elements: [utf8('red')] };
const scores = {
  name: 'y',
  datatype: 'FP32',
  shape: [1, 2],
  bytes: new Uint8Array(new Float32Array([0.25, 0.75]).buffer),
};

function tensorSample(form: 'json' | 'binary'): CapturedSample {
  const asked = wireBytes(
    encodeInferRequest({ id: null, inputs: [pixels, word], outputs: [], binaryOutput: form === 'binary' }, form),
  );
  const answer = { modelName: 'm', modelVersion: '1', id: null, outputs: [scores] };
  const answered = wireBytes(encodeInferResponse(answer, [form === 'binary']));
  return sampleOf(
    content(asked.bytes, { jsonBytes: asked.headerLength }),
    content(answered.bytes, { jsonBytes: answered.headerLength }),
  );
}

test.each(['json', 'binary'] as const)('tensors in %s form become one row of features', (form) => {
  const decoded = decodeSample(tensorSample(form), 'open-inference-v2');
  if ('unreadable' in decoded) throw new Error(decoded.unreadable);
  expect(readRow(decoded).values).toMatchObject({
    status: '200',
    'x[0]': 0.5,
    'x[1]': -2,
    'w.value': 'red',
    'y.class': '1',
    'y.confidence': 0.75,
  });
});

const gzip = { contentEncoding: 'gzip' };
const { request, response } = tensorSample('json');

test.each([
  ['a request that was cut', sampleOf(content('{', { cut: true }), response), /^the request is longer than/],
  ['an answer that was cut', sampleOf(request, content('{', { cut: true })), /^the answer is longer than/],
  ['a packed request', sampleOf(content('{', gzip), response), /^the request has the content-encoding gzip/],
  ['a packed answer', sampleOf(request, content('{', gzip)), /^the answer has the content-encoding gzip/],
  ['a request that is no JSON', sampleOf(content('{'), response), /JSON/],
  ['an answer that is no JSON', sampleOf(request, content('nothing')), /JSON/],
  ['an answer of another form', sampleOf(request, content('{"outputs": 3}')), /outputs must be an array/],
  ['an empty request', sampleOf(content(''), response), /is empty/],
])('%s is unreadable with its reason', (_, sample, reason) => {
  expect(decodeSample(sample, 'open-inference-v2')).toEqual({ unreadable: expect.stringMatching(reason) as string });
});

test.each([
  ['failed', { status: 503 }],
  ['broke off', { complete: false }],
  ['never came', { status: 0, complete: false, replicaId: null }],
])('an answer that %s has no outputs, and its request is a row', (_, more) => {
  const decoded = decodeSample({ ...tensorSample('json'), response: content('<html>'), ...more }, 'open-inference-v2');
  expect(decoded).toMatchObject({ inputs: [{ name: 'x' }, { name: 'w' }], outputs: [] });
});

const chat = content(
  JSON.stringify({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'What is the time?' }] },
    ],
  }),
);
const logprobs = { content: [{ logprob: -1 }, { logprob: -3 }] };
const usage = { prompt_tokens: 9, completion_tokens: 2 };

const whole = content(
  JSON.stringify({
    choices: [{ index: 0, message: { content: 'It is noon.' }, finish_reason: 'stop', logprobs }],
    usage,
  }),
);
const streamed = content(
  [
    { choices: [{ index: 0, delta: { role: 'assistant' } }] },
    { choices: [{ index: 0, delta: { content: 'It is' }, logprobs: { content: [{ logprob: -1 }] } }] },
    { choices: [{ index: 1, delta: { content: 'another choice' } }] },
    { choices: [{ index: 0, delta: { content: ' noon.' }, logprobs: { content: [{ logprob: -3 }] } }] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage },
  ]
    .map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`)
    .join('') + 'data: [DONE]\n\n',
  { contentType: 'text/event-stream; charset=utf-8' },
);

test.each([
  ['an object', whole],
  ['a stream', streamed],
])('a chat answered by %s becomes the same row', (_, answer) => {
  const decoded = decodeSample(sampleOf(chat, answer, { path: '/v1/chat/completions' }), 'openai');
  if ('unreadable' in decoded) throw new Error(decoded.unreadable);
  expect(readRow(decoded).values).toMatchObject({
    'prompt.words': 4,
    'prompt.language': 'en',
    messages: 2,
    'answer.length': 11,
    'answer.refusal': 'no',
    finish: 'stop',
    'tool-calls': 0,
    'prompt-tokens': 9,
    'answer-tokens': 2,
    logprob: -2,
  });
});

test('a completion, an embedding, and an answer without what is optional', () => {
  const valuesOf = (asked: unknown, answered: unknown) => {
    const sample = sampleOf(content(JSON.stringify(asked)), content(JSON.stringify(answered)));
    const decoded = decodeSample(sample, 'openai');
    return 'unreadable' in decoded ? decoded : readRow(decoded).values;
  };
  const completion = { choices: [{ text: 'noon', logprobs: { token_logprobs: [null, -4] } }] };
  expect(valuesOf({ prompt: ['The time is'] }, completion)).toMatchObject({
    'prompt.words': 3,
    'answer.value': 'noon',
    finish: null,
    logprob: -4,
    'answer-tokens': null,
  });
  expect(valuesOf({ input: 'a text' }, { data: [{ embedding: [1, 2] }] })).toMatchObject({ 'embedding[1]': 2 });
  expect(valuesOf({}, {})).toMatchObject({ 'prompt.length': null, 'answer.length': null });
  const call = { function: { name: 'look_up', arguments: '{}' } };
  expect(valuesOf({ messages: [] }, { choices: [{ message: { content: null, tool_calls: [call] } }] })).toMatchObject({
    'tool-calls': 1,
    'answer.length': null,
  });
});

test('an event that is no JSON makes a stream unreadable', () => {
  const broken = content('data: {"choices"\n\n', { contentType: 'text/event-stream' });
  expect(decodeSample(sampleOf(chat, broken), 'openai')).toEqual({
    unreadable: expect.stringMatching(/JSON/) as string,
  });
});
