import { afterEach, expect, test } from 'vitest';
import {
  ask,
  makeTable,
  startGateway,
  startUpstream,
  until,
  type GatewayRig,
  type Upstream,
} from '../testing/rigs/gateway-rig.ts';
import type { GatewaySettings } from './settings.ts';
import type { RequestListener } from 'node:http';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

async function rig(
  answer: RequestListener,
  settings: Partial<GatewaySettings> = {},
): Promise<{ gateway: GatewayRig; upstream: Upstream }> {
  const upstream = await startUpstream(answer);
  const gateway = await startGateway(
    makeTable([{ release: 3, modelVersion: 2, endpoints: [upstream.endpoint] }]),
    settings,
  );
  running.push(gateway, upstream);
  return { gateway, upstream };
}

const echo: RequestListener = (req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const body = Buffer.concat(chunks);
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length, 'x-kept': 'yes' });
    res.end(body);
  });
};

test('carries a body there and back, and says which release, replica and model version answered', async () => {
  const { gateway, upstream } = await rig(echo);
  const answer = await ask(gateway.url, { body: '{"inputs":[]}' });
  expect(answer.status).toBe(200);
  expect(answer.body).toBe('{"inputs":[]}');
  expect(answer.headers).toMatchObject({
    'x-kept': 'yes',
    'plimsoll-release': '3',
    'plimsoll-model-version': '2',
    'plimsoll-replica': `replica-${new URL(upstream.endpoint).port}`,
  });
});

test('rewrites Host, keeps hop-by-hop fields back, and carries the rest', async () => {
  const { gateway, upstream } = await rig(echo);
  await ask(gateway.url, {
    body: 'x',
    headers: {
      host: 'public.example',
      connection: 'close, x-secret',
      'x-secret': '1',
      te: 'trailers',
      'x-plain': 'a b',
    },
  });
  const headers = upstream.seen[0]?.headers;
  expect(headers?.host).toBe(new URL(upstream.endpoint).host);
  expect(headers?.['x-plain']).toBe('a b');
  expect(headers).not.toHaveProperty('x-secret');
  expect(headers).not.toHaveProperty('te');
});

test('carries the request id, and makes one where the client sent none or a bad one', async () => {
  const { gateway, upstream } = await rig(echo);
  const kept = await ask(gateway.url, { body: 'x', headers: { 'x-request-id': 'mine-1' } });
  expect(kept.headers['x-request-id']).toBe('mine-1');
  expect(upstream.seen[0]?.headers['x-request-id']).toBe('mine-1');
  const made = await ask(gateway.url, { body: 'x', headers: { 'x-request-id': 'a b' } });
  expect(made.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
});

test('carries the trace with a new parent span', async () => {
  const { gateway, upstream } = await rig(echo);
  const trace = '0af7651916cd43dd8448eb211c80319c';
  await ask(gateway.url, { body: 'x', headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } });
  expect(upstream.seen[0]?.headers['traceparent']).toMatch(
    new RegExp(`^00-${trace}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`),
  );
});

test('tells the replica how many milliseconds are left', async () => {
  const { gateway, upstream } = await rig(echo);
  await ask(gateway.url, { body: 'x', headers: { 'plimsoll-deadline-ms': '700' } });
  const left = Number(upstream.seen[0]?.headers['plimsoll-deadline-ms']);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(700);
});

test('passes each chunk of a stream on at once', async () => {
  let next = (): void => undefined;
  const { gateway } = await rig((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: 1\n\n');
    next = () => res.end('data: 2\n\n');
  });
  const answer = await fetch(`${gateway.url}/v2/models/digits/infer`, { method: 'POST', body: 'x' });
  const reader = answer.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
  next();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 2\n\n');
  expect((await reader?.read())?.done).toBe(true);
});

test('sends the head of a stream before its first chunk', async () => {
  let end = (): void => undefined;
  const { gateway } = await rig((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.flushHeaders();
    end = () => res.end();
  });
  const answer = await fetch(`${gateway.url}/v2/models/digits/infer`, { method: 'POST', body: 'x' });
  expect(answer.status).toBe(200);
  end();
  await answer.text();
});

test('streams a body that is too large to hold, both ways', async () => {
  const { gateway } = await rig(echo, { bufferedBodyBytes: 1000 });
  const body = Buffer.alloc(3_000_000, 7);
  const answer = await fetch(`${gateway.url}/v2/models/digits/infer`, { method: 'POST', body });
  expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
  expect(gateway.gateway.path.heldBytes).toBe(0);
});

test('breaks the request to the replica when the client leaves', async () => {
  let closed = false;
  const { gateway, upstream } = await rig((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: 1\n\n');
    res.on('close', () => (closed = true));
  });
  const leave = new AbortController();
  const answer = await fetch(`${gateway.url}/v2/models/digits/infer`, {
    method: 'POST',
    body: 'x',
    signal: leave.signal,
  });
  await answer.body?.getReader().read();
  leave.abort();
  await until(() => closed);
  expect(upstream.seen).toHaveLength(1);
  await until(() => gateway.gateway.path.openCount === 0);
  expect(gateway.gateway.path.inFlight).toBe(0);
  expect(gateway.gateway.path.signals.abandoned).toBe(1);
});

test('answers HEAD without a body, and 204 and 304 as they are', async () => {
  const { gateway } = await rig((req, res) => {
    const status = Number(req.headers['x-status'] ?? 200);
    res.writeHead(status, status === 200 ? { 'content-length': '5' } : {});
    res.end(status === 200 ? 'hello' : undefined);
  });
  const head = await ask(gateway.url, { method: 'HEAD', path: '/v2' });
  expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '5', '']);
  expect((await ask(gateway.url, { method: 'GET', path: '/v2', headers: { 'x-status': '204' } })).status).toBe(204);
  expect((await ask(gateway.url, { method: 'GET', path: '/v2', headers: { 'x-status': '304' } })).status).toBe(304);
});

test('keeps repeated fields apart', async () => {
  const { gateway } = await rig((_req, res) => {
    res.writeHead(
      200,
      [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ].flat(),
    );
    res.end('ok');
  });
  expect((await ask(gateway.url, { body: 'x' })).headers['set-cookie']).toEqual(['a=1', 'b=2']);
});
