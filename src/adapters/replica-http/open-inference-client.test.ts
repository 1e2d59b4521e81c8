import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import { makeOpenAiClient } from './openai-client.ts';
import { makeOpenInferenceClient } from './open-inference-client.ts';
import { makeMetricsReader } from './read-metrics.ts';

const never = new AbortController().signal;
const client = makeOpenInferenceClient();
const input: GoldenTensor = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [0.5, 1] };

let server: Server;
let endpoint: string;
let respond: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
let asked: { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers']; body: Buffer }[];
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      asked.push({ method: request.method, url: request.url, headers: request.headers, body });
      respond(request, response, body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const answer = (status: number, body: string) => {
  respond = (_request, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body);
};
const outputs = (text: string): string => `{"model_name":"m","outputs":[${text}]}`;

describe('speaking the open inference protocol to a replica', () => {
  it('sends JSON that any server takes, and gives back what it answers', async () => {
    answer(200, outputs('{"name":"y","datatype":"FP32","shape":[1,2],"data":[0.25,0.75]}'));
    expect(await client.infer(endpoint, 'my model', [input], never)).toEqual([
      { name: 'y', datatype: 'FP32', shape: [1, 2], data: [0.25, 0.75] },
    ]);
    expect(asked[0]).toMatchObject({ method: 'POST', url: '/v2/models/my%20model/infer' });
    expect(JSON.parse(asked[0]?.body.toString() ?? '')).toEqual({
      inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [0.5, 1] }],
    });
  });

  it('keeps integers beyond 2^53 exact, and reads nested data', async () => {
    answer(200, outputs('{"name":"y","datatype":"INT64","shape":[1,2],"data":[[9007199254740993,-9007199254740993]]}'));
    const [output] = await client.infer(endpoint, 'm', [input], never);
    expect(output?.data).toEqual(['9007199254740993', '-9007199254740993']);
  });

  it('sends what JSON has no number for in binary form', async () => {
    answer(200, outputs('{"name":"y","datatype":"FP32","shape":[1,2],"data":["NaN","-Infinity"]}'));
    const [output] = await client.infer(endpoint, 'm', [{ ...input, data: ['NaN', 1] }], never);
    expect(output?.data).toEqual(['NaN', '-Infinity']);
    const length = Number(asked[0]?.headers['inference-header-content-length']);
    expect(asked[0]?.body.subarray(length)).toHaveLength(8);
  });

  it('reads binary answers', async () => {
    const json = outputs('{"name":"y","datatype":"FP32","shape":[1,1],"parameters":{"binary_data_size":4}}');
    respond = (_request, response) =>
      response
        .writeHead(200, { 'inference-header-content-length': Buffer.byteLength(json) })
        .end(Buffer.concat([Buffer.from(json), Buffer.from(Float32Array.of(1.5).buffer)]));
    expect((await client.infer(endpoint, 'm', [input], never))[0]?.data).toEqual([1.5]);
  });

  it.each([
    [400, '{"error":"no input \\"x\\""}', 'replica-refused', 'refused', 'no input "x"'],
    [404, '{"error":"unknown model"}', 'replica-refused', 'refused', 'unknown model'],
    [429, 'slow down', 'replica-unreachable', 'unavailable', 'slow down'],
    [500, '{"error":"out of memory"}', 'replica-unreachable', 'unavailable', 'out of memory'],
    [503, '', 'replica-unreachable', 'unavailable', '(an empty body)'],
  ])('tells a no to the input from a server in trouble: %d', async (status, body, code, category, words) => {
    answer(status, body);
    await expect(client.infer(endpoint, 'm', [input], never)).rejects.toMatchObject({
      code,
      category,
      message: expect.stringContaining(words),
    });
  });

  it('says that nobody answers', async () => {
    server.close();
    server.closeAllConnections();
    await expect(client.infer('http://127.0.0.1:1', 'm', [input], never)).rejects.toMatchObject({
      code: 'replica-unreachable',
      category: 'unavailable',
    });
  });

  it('gives up when it is told to', async () => {
    respond = () => undefined;
    const gone = AbortSignal.timeout(50);
    await expect(client.infer(endpoint, 'm', [input], gone)).rejects.toMatchObject({ code: 'replica-unreachable' });
  });

  it('asks whether the model is ready, and what it takes', async () => {
    answer(200, '{"ready":true}');
    expect(await client.ready(endpoint, 'm', never)).toBe(true);
    answer(503, '{"ready":false}');
    expect(await client.ready(endpoint, 'm', never)).toBe(false);
    answer(200, '{"name":"m","inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}],"outputs":[]}');
    expect(await client.metadata(endpoint, 'm', never)).toEqual({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [],
    });
  });
});

describe('other questions to a replica', () => {
  it('a server of the OpenAI protocol is ready when it lists its models, and has no golden set', async () => {
    answer(200, '{"data":[]}');
    const openAi = makeOpenAiClient();
    expect(await openAi.ready(endpoint, 'm', never)).toBe(true);
    expect(asked[0]?.url).toBe('/v1/models');
    await expect(openAi.infer(endpoint, 'm', [input], never)).rejects.toMatchObject({ category: 'refused' });
  });

  it.each(['', '<!doctype html>', '{"object":"page"}'])('takes `%s` for no answer of its protocol', async (body) => {
    answer(200, body);
    const request = { model: 'm', messages: [{ role: 'user', content: 'hello' }], tokensAtMost: 3 };
    for (const asking of [
      () => makeOpenAiClient().chat(endpoint, request, never),
      () => client.infer(endpoint, 'm', [input], never),
      ...(body.startsWith('{') ? [] : [() => client.metadata(endpoint, 'm', never)]),
    ]) {
      await expect(asking()).rejects.toMatchObject({
        code: 'response-invalid',
        category: 'unavailable',
        message: expect.stringMatching(
          /^the replica at .* answers \/v\d\/.* with 200, and not as its protocol says/,
        ) as string,
        next: expect.stringContaining('plimsoll explain code.protocol') as string,
      });
    }
  });

  it('waits as long as it is told for an answer of the engine', async () => {
    respond = () => undefined;
    const messages = [{ role: 'user', content: 'ping' }];
    const unreachable = { code: 'replica-unreachable' };
    await Promise.all([
      expect(client.infer(endpoint, 'm', [input], never, 10)).rejects.toMatchObject(unreachable),
      expect(
        makeOpenAiClient().chat(endpoint, { model: 'm', messages, tokensAtMost: 1, timeoutMs: 10 }, never),
      ).rejects.toMatchObject(unreachable),
    ]);
  });

  it('reads metrics, where there are any', async () => {
    answer(200, 'a 1\n');
    expect(await makeMetricsReader()(endpoint, never)).toBe('a 1\n');
    answer(404, '');
    await expect(makeMetricsReader()(endpoint, never)).rejects.toMatchObject({ code: 'no-metrics' });
  });
});
