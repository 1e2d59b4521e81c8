import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { TryIt } from './try-it.ts';

const never = new AbortController().signal;
const body = Buffer.from('{"inputs":[]}');
const routing: RoutingTable = {
  service: 'digits',
  environment: 'default',
  generation: 1,
  protocol: 'open-inference-v2',
  model: 'my model',
  splits: [],
  starting: false,
  issuedAtMs: 0,
};

let gateway: Server;
let url: string;
let asked: { url: string | undefined; headers: IncomingHttpHeaders }[];
let reply: { status: number; headers: Record<string, string>; body: string };
beforeEach(async () => {
  asked = [];
  reply = { status: 200, headers: {}, body: '{}' };
  gateway = createServer((request, response) => {
    asked.push({ url: request.url, headers: request.headers });
    request.resume().on('end', () => response.writeHead(reply.status, reply.headers).end(reply.body));
  });
  await new Promise<void>((listening) => gateway.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
});
afterEach(() => {
  gateway.closeAllConnections();
  gateway.close();
});

describe('trying the service by hand', () => {
  it('goes through the gateway as any client, and tells who answered', async () => {
    reply = {
      status: 200,
      headers: { 'plimsoll-release': '3', 'plimsoll-replica': 'r-1', 'plimsoll-model-version': '2' },
      body: '{"outputs":[1]}',
    };
    const answer = await new TryIt(new FakeClock()).send(url, routing, body, never);
    expect(answer).toMatchObject({
      status: 200,
      release: 3,
      replica: 'r-1',
      modelVersion: 2,
      body: { outputs: [1] },
    });
    expect(asked[0]?.url).toBe('/v2/models/my%20model/infer');
  });

  it('passes a refusal on as an answer, text and all', async () => {
    reply = { status: 503, headers: {}, body: 'no replica' };
    const answer = await new TryIt(new FakeClock()).send(url, routing, body, never);
    expect(answer).toMatchObject({ status: 503, release: null, replica: null, modelVersion: null, body: 'no replica' });
  });

  it('takes a burst and then so many a second', async () => {
    const clock = new FakeClock();
    const tryIt = new TryIt(clock);
    for (let request = 0; request < 20; request += 1) await tryIt.send(url, routing, body, never);
    await expect(tryIt.send(url, routing, body, never)).rejects.toMatchObject({ code: 'rate-limited' });
    await clock.advance(100);
    await tryIt.send(url, routing, body, never);
    await expect(tryIt.send(url, routing, body, never)).rejects.toMatchObject({ code: 'rate-limited' });
  });

  it('says what is missing: a gateway, a release, an answer', async () => {
    const tryIt = new TryIt(new FakeClock());
    await expect(tryIt.send(undefined, routing, body, never)).rejects.toMatchObject({ code: 'no-gateway' });
    await expect(tryIt.send(url, null, body, never)).rejects.toMatchObject({ code: 'nothing-released' });
    await expect(tryIt.send('http://127.0.0.1:1', routing, body, never)).rejects.toMatchObject({
      code: 'gateway-unreachable',
      category: 'unavailable',
    });
  });

  it('asks the server what it takes, through the gateway', async () => {
    const wine = { name: 'wine', datatype: 'FP64', shape: [-1, 13] };
    reply = { status: 200, headers: {}, body: JSON.stringify({ name: 'my model', inputs: [wine] }) };
    const tryIt = new TryIt(new FakeClock());
    expect(await tryIt.signature(url, routing, never)).toEqual({ inputs: [wine], outputs: [] });
    expect(asked[0]?.url).toBe('/v2/models/my%20model');
  });

  it.each([
    ['it tells no inputs', { status: 200, body: '{"name":"my model"}' }],
    ['it has no such answer', { status: 404, body: '{}' }],
    ['it is a website', { status: 200, body: '<!doctype html>' }],
  ])('knows nothing of what the server takes where %s', async (_, answered) => {
    reply = { headers: {}, ...answered };
    expect(await new TryIt(new FakeClock()).signature(url, routing, never)).toBeNull();
  });

  it('knows nothing where there is nobody to ask, which is no error of a page that waits for it', async () => {
    const tryIt = new TryIt(new FakeClock());
    expect(await tryIt.signature(undefined, routing, never)).toBeNull();
    expect(await tryIt.signature(url, null, never)).toBeNull();
    expect(await tryIt.signature('http://127.0.0.1:1', routing, never)).toBeNull();
  });

  it('asks no server of the OpenAI protocol', async () => {
    expect(await new TryIt(new FakeClock()).signature(url, { ...routing, protocol: 'openai' }, never)).toBeNull();
    expect(asked).toEqual([]);
  });

  it('reads no answer without a bound', async () => {
    reply = { status: 200, headers: {}, body: 'x'.repeat(4 * 1024 * 1024 + 1) };
    await expect(new TryIt(new FakeClock()).send(url, routing, body, never)).rejects.toMatchObject({
      code: 'answer-too-large',
    });
  });
});
