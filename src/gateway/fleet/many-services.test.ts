import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeList, startFleetGateway, tableOf, type FleetGatewayRig } from '../../testing/rigs/fleet-gateway-rig.ts';
import {
  ask,
  openSocket,
  speakRaw,
  startUpstream,
  until,
  type Answer,
  type Upstream,
} from '../../testing/rigs/gateway-rig.ts';
import { ClientKeys } from '../admission/client-keys.ts';
import type { FrontSettings } from '../settings.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

async function replicaOf(name: string): Promise<Upstream> {
  const upstream = await startUpstream((req, res) => req.resume().on('end', () => res.end(`${name} ${req.url}`)));
  running.push(upstream);
  return upstream;
}

/** A replica that answers only when told. */
async function slowReplica(): Promise<{ upstream: Upstream; waiting: ServerResponse[] }> {
  const waiting: ServerResponse[] = [];
  const upstream = await startUpstream((_req, res) => void waiting.push(res));
  running.push(upstream);
  return { upstream, waiting };
}

async function rigOf(
  replicas: Readonly<Record<string, Upstream>>,
  settings: Partial<FrontSettings> = {},
  parts: Parameters<typeof startFleetGateway>[2] = {},
): Promise<FleetGatewayRig> {
  const tables = Object.entries(replicas).map(([service, { endpoint }]) => tableOf(service, endpoint));
  const rig = await startFleetGateway(tables, settings, parts);
  running.unshift(rig);
  return rig;
}

const codeOf = ({ status, body }: Answer): string => `${status} ${(JSON.parse(body) as { code: string }).code}`;
const get = { method: 'GET' } as const;
const pathOf = (rig: FleetGatewayRig, service: string): NonNullable<ReturnType<typeof held>> => {
  const found = held(rig, service);
  if (found === undefined) throw new Error(`${service} is not held`);
  return found;
};
const held = (rig: FleetGatewayRig, service: string) =>
  [...rig.gateway.services.held].find((each) => each.service === service)?.served.path;

test('a service is chosen by path, by host, and by being the only one', async () => {
  const [digits, words] = [await replicaOf('digits'), await replicaOf('words')];
  const rig = await rigOf({ digits, words });
  const text = async (target: string, host = '127.0.0.1'): Promise<string> =>
    (await ask(rig.url, { path: target, headers: { host }, body: 'x' })).body;
  expect(await text('/services/digits/v2/models/m/infer?a=b%20c')).toBe('digits /v2/models/m/infer?a=b%20c');
  expect(await text('/services/words/v2')).toBe('words /v2');
  expect(await text('/v2/models/m/infer', 'Words.localhost:8080')).toBe('words /v2/models/m/infer');
  expect(await text('/services/digits/v2', 'words.localhost')).toBe('digits /v2');
  expect(codeOf(await ask(rig.url, { path: '/v2', body: 'x' }))).toBe('404 service-unknown');
  rig.gateway.follow(makeList('digits'), false);
  expect(await text('/v2')).toBe('digits /v2');
  expect(codeOf(await ask(rig.url, { path: '/v2', headers: { host: 'words.localhost' }, body: 'x' }))).toBe(
    '410 service-removed',
  );
});

test('a gateway with a home serves it as one of it alone does, and what is added beside it', async () => {
  const [digits, words] = [await replicaOf('digits'), await replicaOf('words')];
  const rig = await rigOf({ digits }, {}, { home: { service: 'digits', environment: 'default' } });
  const text = async (target: string, host = '127.0.0.1'): Promise<string> =>
    (await ask(rig.url, { path: target, headers: { host }, body: 'x' })).body;
  const ready = async () => (await ask(rig.url, { ...get, path: '/plimsoll/ready' })).body;
  expect(await text('/v2')).toBe('digits /v2');
  const alone = await ready();
  rig.gateway.follow(makeList('words', 'digits'), false);
  rig.gateway.offer(tableOf('words', words.endpoint));
  for (const host of ['127.0.0.1', 'public.example', '127.0.0.1']) expect(await text('/v2', host)).toBe('digits /v2');
  expect(await text('/services/words/v2')).toBe('words /v2');
  expect(await text('/v2', 'words.localhost')).toBe('words /v2');
  expect(await text('/v2')).toBe('digits /v2');
  expect(await ready()).toBe(alone);
  expect(rig.gateway.reports().reports.map(({ report }) => report.address)).toEqual([
    rig.url,
    `${rig.url}/services/words`,
  ]);
  const metrics = (await ask(rig.url, { ...get, path: '/plimsoll/metrics' })).body;
  expect(metrics).toMatch(/^plimsoll_gateway_routing_generation \d+$/m);
  expect(metrics).toContain('service="words"');
  rig.gateway.follow(makeList('words'), false);
  expect(codeOf(await ask(rig.url, { path: '/v2', body: 'x' }))).toBe('410 service-removed');
  expect(await text('/services/words/v2')).toBe('words /v2');
});

test.each([
  ['/services/unknown/v2', '404 service-unknown'],
  ['/services/DIGITS/v2', '404 service-unknown'],
  [`/services/${'x'.repeat(5000)}/v2`, '404 service-unknown'],
  ['/services//v2', '400 target-invalid'],
  ['/services/../v2', '400 target-invalid'],
  ['/services/%2e%2e/digits/v2', '400 target-invalid'],
  ['/services/digits/../words/v2', '400 target-invalid'],
  ['/services/digits/%2e%2e/words/v2', '400 target-invalid'],
  ['/services/digits//v2', '400 target-invalid'],
  ['/services/digits/services/words/v2', '404 not-in-protocol'],
  ['/services/digits/v2/repository/index', '403 administration-refused'],
  ['/services/digits', '404 not-in-protocol'],
  ['/services/digits/plimsoll/metrics', '404 not-in-protocol'],
])('%s is answered %s, and reaches no replica', async (target, answer) => {
  const digits = await replicaOf('digits');
  const rig = await rigOf({ digits, words: await replicaOf('words') });
  const wire = `GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`;
  const [head = '', body = ''] = (await speakRaw(rig.port, wire)).split('\r\n\r\n');
  expect(codeOf({ status: Number(head.split(' ')[1]), headers: {}, body })).toBe(answer);
  expect(body.length).toBeLessThan(400);
  expect(digits.seen).toHaveLength(0);
});

test('a refusal tells how services are named, and not which ones there are', async () => {
  const rig = await rigOf({ digits: await replicaOf('digits'), words: await replicaOf('words') });
  const answer = await ask(rig.url, { path: '/services/secret-of-bob/v2', headers: { 'x-request-id': 'mine' } });
  expect([answer.headers['x-request-id'], JSON.parse(answer.body)]).toEqual([
    'mine',
    {
      error: 'the service is not known here: secret-of-bob',
      code: 'service-unknown',
      next: 'name the service in the path, /services/NAME/..., or as the first label of the host, NAME.example.com',
    },
  ]);
  expect(answer.body).not.toMatch(/digits|words/);
});

test('a flood of one service takes neither the queue nor the connections of the others', async () => {
  const { upstream: stuck, waiting } = await slowReplica();
  const rig = await rigOf(
    { flooded: stuck, calm: await replicaOf('calm') },
    { maxConnections: 40, replicaConcurrency: 4, queueLimit: 30 },
  );
  const flood = Array.from({ length: 30 }, () => ask(rig.url, { path: '/services/flooded/v2', body: 'x' }));
  // Half of what is free: 20 are open, the others are refused and give their connections back.
  await until(() => pathOf(rig, 'flooded').signals.refused['service-busy'] === 10);
  expect(pathOf(rig, 'flooded').openCount).toBe(20);
  const calm = await Promise.all(
    Array.from({ length: 10 }, () => ask(rig.url, { path: '/services/calm/v2', body: 'x' })),
  );
  expect(calm.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
  const answered = setInterval(() => waiting.splice(0).forEach((res) => res.end('late')), 2);
  const answers = await Promise.all(flood);
  clearInterval(answered);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(new Set(refused.map(codeOf))).toEqual(new Set(['429 service-busy']));
  expect(refused[0]?.headers).toMatchObject({ connection: 'close', 'retry-after': '1' });
  expect([answers.length - refused.length, rig.gateway.openCount]).toEqual([20, 0]);
});

test('a full queue is that of one service alone', async () => {
  const { upstream: stuck, waiting } = await slowReplica();
  const rig = await rigOf({ full: stuck, calm: await replicaOf('calm') }, { replicaConcurrency: 1, queueLimit: 2 });
  const held = Array.from({ length: 3 }, () => ask(rig.url, { path: '/services/full/v2', body: 'x' }));
  await until(() => pathOf(rig, 'full').queueDepth === 2);
  expect(codeOf(await ask(rig.url, { path: '/services/full/v2', body: 'x' }))).toBe('429 queue-full');
  expect((await ask(rig.url, { path: '/services/calm/v2', body: 'x' })).status).toBe(200);
  const answered = setInterval(() => waiting.splice(0).forEach((res) => res.end('late')), 2);
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200, 200]);
  clearInterval(answered);
});

test('bodies that one service holds leave room for those of another', async () => {
  const { upstream: stuck, waiting } = await slowReplica();
  const rig = await rigOf({ full: stuck, calm: stuck }, { bufferedTotalBytes: 1000, replicaConcurrency: 100 });
  const all = Array.from({ length: 10 }, () => ask(rig.url, { path: '/services/full/v2', body: 'y'.repeat(100) }));
  await until(() => waiting.length === 10);
  expect(pathOf(rig, 'full').heldBytes).toBe(500);
  all.push(ask(rig.url, { path: '/services/calm/v2', body: 'y'.repeat(100) }));
  await until(() => waiting.length === 11);
  expect(pathOf(rig, 'calm').heldBytes).toBe(100);
  for (const res of waiting) res.end('ok');
  await Promise.all(all);
  expect([pathOf(rig, 'full').heldBytes, pathOf(rig, 'calm').heldBytes]).toEqual([0, 0]);
});

test('requests that their client leaves, pipelined ones too, are given back to the bound', async () => {
  const { upstream: stuck, waiting } = await slowReplica();
  const rig = await rigOf({ a: stuck, b: stuck });
  const socket = await openSocket(rig.port);
  socket.on('error', () => undefined);
  socket.write(
    'GET /services/a/v2 HTTP/1.1\r\nhost: h\r\n\r\nGET /services/b/v2 HTTP/1.1\r\nhost: h\r\n\r\n'.repeat(3),
  );
  await until(() => waiting.length === 6);
  expect(rig.gateway.openCount).toBe(6);
  socket.destroy();
  await until(() => rig.gateway.openCount === 0);
});

test('a broken body is refused on a connection whose requests are of two services', async () => {
  const rig = await rigOf({ a: await replicaOf('a'), b: await replicaOf('b') });
  const first = 'GET /services/a/v2 HTTP/1.1\r\nhost: h\r\n\r\n';
  const broken = 'POST /services/b/v2 HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n';
  const socket = await openSocket(rig.port);
  let seen = '';
  socket.on('data', (chunk) => (seen += chunk.toString()));
  socket.write(first);
  await until(() => seen.includes('a /v2'));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(broken);
  await closed;
  expect(seen.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
  // Of the service that the request was for.
  expect(pathOf(rig, 'b').signals.refused['framing-invalid']).toBe(1);
});

test('what follows a refused head is not read as a request, of another service either', async () => {
  const [a, b] = [await replicaOf('a'), await replicaOf('b')];
  const rig = await rigOf({ a, b });
  const refused = 'POST /services/a/v2 HTTP/1.1\r\nhost: h\r\ntransfer-encoding: xchunked\r\n\r\n';
  const answer = await speakRaw(rig.port, `${refused}GET /services/b/v2 HTTP/1.1\r\nhost: h\r\n\r\n`);
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 501']);
  expect([a.seen, b.seen]).toEqual([[], []]);
});

test('a service that leaves finishes its requests, and one that is added serves at once', async () => {
  const { upstream: slow, waiting } = await slowReplica();
  const rig = await rigOf({ old: slow, stays: await replicaOf('stays') });
  const underWay = ask(rig.url, { path: '/services/old/v2', body: 'x' });
  await until(() => waiting.length === 1);
  const left: string[] = [];
  rig.gateway.left = ({ service }) => void left.push(service);
  rig.gateway.follow(makeList('stays', 'new'), false);
  rig.gateway.offer(tableOf('new', (await replicaOf('new')).endpoint));
  expect(codeOf(await ask(rig.url, { path: '/services/old/v2', body: 'x' }))).toBe('410 service-removed');
  expect((await ask(rig.url, { path: '/services/new/v2', body: 'x' })).body).toBe('new /v2');
  expect(rig.gateway.reports().reports.map(({ service }) => service)).toEqual(['old', 'stays', 'new']);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(left).toEqual([]);
  waiting[0]?.end('finished');
  expect((await underWay).body).toBe('finished');
  await until(() => left.length === 1);
  expect([...rig.gateway.services.held].map(({ service }) => service)).toEqual(['stays', 'new']);
});

test('what a service that left does not finish in time is broken off', async () => {
  const { upstream: slow, waiting } = await slowReplica();
  const rig = await rigOf({ old: slow, stays: await replicaOf('stays') }, { drainTimeoutMs: 5000 });
  const underWay = ask(rig.url, { path: '/services/old/v2', body: 'x' });
  await until(() => waiting.length === 1);
  rig.gateway.follow(makeList('stays'), false);
  rig.clock.skip(4900);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect([...rig.gateway.services.leaving]).toHaveLength(1);
  rig.clock.skip(200);
  expect(codeOf(await underWay)).toBe('503 draining');
  await until(() => rig.gateway.services.leaving.size === 0);
});

test('a service that comes back before it is gone goes on as it was', async () => {
  const { upstream: slow, waiting } = await slowReplica();
  const rig = await rigOf({ a: slow, b: await replicaOf('b') });
  const underWay = ask(rig.url, { path: '/services/a/v2', body: 'x' });
  await until(() => waiting.length === 1);
  const before = pathOf(rig, 'a');
  rig.gateway.follow(makeList('b'), false);
  rig.gateway.follow(makeList('b', 'a'), false);
  waiting[0]?.end('ok');
  await underWay;
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(pathOf(rig, 'a')).toBe(before);
  const again = ask(rig.url, { path: '/services/a/v2', body: 'x' });
  await until(() => waiting.length === 2);
  waiting[1]?.end('again');
  expect((await again).body).toBe('again');
});

test('a service that comes back after it was gone begins anew: another start, and counters from zero', async () => {
  const rig = await rigOf({ a: await replicaOf('a'), b: await replicaOf('b') });
  await ask(rig.url, { path: '/services/a/v2', body: 'x' });
  const reportOf = (service: string) => rig.gateway.reports().reports.find((each) => each.service === service)?.report;
  const before = reportOf('a');
  rig.gateway.follow(makeList('b'), false);
  await until(() => held(rig, 'a') === undefined);
  rig.clock.skip(1);
  rig.gateway.follow(makeList('a', 'b'), false);
  expect(reportOf('a')).toMatchObject({ arrivals: 0, acknowledgedGeneration: 0 });
  expect(reportOf('a')?.startedAtMs).toBeGreaterThan(before?.startedAtMs ?? 0);
});

test('a table of a service that is not in the list is refused', async () => {
  const rig = await rigOf({ a: await replicaOf('a') });
  const verdict = rig.gateway.offer(tableOf('stranger', 'http://127.0.0.1:9'));
  expect(verdict).toMatchObject({ verdict: 'refuse', reason: expect.stringContaining('stranger/default') });
  expect(rig.log.at(-1)).toMatch(/^routing\.refused .*"stranger"/);
  expect(rig.gateway.offer(tableOf('a', 'http://127.0.0.1:9', { environment: 'prod' })).verdict).toBe('refuse');
});

test('ready goes by the list and its tables, and each service has a readiness of its own', async () => {
  const digits = await replicaOf('digits');
  const rig = await startFleetGateway([]);
  running.unshift(rig);
  const ready = async (at = ''): Promise<string> => {
    const { status, body } = await ask(rig.url, { ...get, path: `${at}/plimsoll/ready` });
    return `${status} ${body.trim()}`;
  };
  expect(await ready()).toBe('200 {"ready":true,"services":0,"tables":0,"serving":0}');
  await rig.stop();
  const two = await startFleetGateway([tableOf('digits', digits.endpoint)]);
  running.unshift(two);
  const of = async (at: string): Promise<string> => {
    const { status, body } = await ask(two.url, { ...get, path: at });
    return `${status} ${body.trim()}`;
  };
  two.gateway.follow(makeList('digits', 'late'), false);
  expect(await of('/plimsoll/ready')).toBe('503 {"ready":false,"services":2,"tables":1,"serving":1}');
  expect(await of('/services/digits/plimsoll/ready')).toBe('200 {"ready":true,"generation":1,"replicas":1}');
  expect(await of('/services/late/plimsoll/ready')).toBe('503 {"ready":false,"generation":0,"replicas":0}');
  expect(await of('/services/other/plimsoll/ready')).toMatch(/^404 /);
  two.clock.skip(10_000);
  expect(await of('/plimsoll/ready')).toBe('200 {"ready":true,"services":2,"tables":1,"serving":1}');
  two.gateway.follow(makeList('digits', 'late', 'later'), false);
  expect(await of('/plimsoll/ready')).toMatch(/^200 /);
  expect((await ask(two.url, { method: 'POST', path: '/services/digits/plimsoll/ready' })).status).toBe(405);
});

test('metrics name the service and its environment, and count what belonged to none', async () => {
  const rig = await rigOf({ digits: await replicaOf('digits'), words: await replicaOf('words') });
  await ask(rig.url, { path: '/services/digits/v2', body: 'x' });
  await ask(rig.url, { path: '/services/none/v2', body: 'x' });
  const { body } = await ask(rig.url, { ...get, path: '/plimsoll/metrics' });
  const lines = body.split('\n');
  expect(lines).toContain('plimsoll_gateway_answered_total{service="digits",environment="default"} 1');
  expect(lines).toContain('plimsoll_gateway_answered_total{service="words",environment="default"} 0');
  expect(lines).toContain('plimsoll_gateway_refused_total{reason="service-unknown"} 1');
  expect(lines).toContain(
    'plimsoll_gateway_request_duration_seconds_count{service="digits",environment="default",release="1",model_version="1"} 1',
  );
  expect(lines.filter((line) => line.startsWith('plimsoll_gateway_connections'))).toHaveLength(1);
  const types = lines.filter((line) => line.startsWith('# TYPE'));
  expect(new Set(types).size).toBe(types.length);
});

test('a key opens the services that its line names, and only a key of all of them opens the metrics', async () => {
  const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-keys-'));
  const file = path.join(folder, 'keys');
  await writeFile(file, `ann ${sha256('all')}\nbob ${sha256('one')} digits\neve ${sha256('other')} digits/prod\n`);
  const clientKeys = await ClientKeys.open(file);
  const rig = await rigOf({ digits: await replicaOf('digits'), words: await replicaOf('words') }, {}, { clientKeys });
  const status = async (target: string, key: string): Promise<number> =>
    (await ask(rig.url, { ...get, path: target, headers: { authorization: `Bearer ${key}` } })).status;
  expect(await status('/services/digits/v2', 'all')).toBe(200);
  expect(await status('/services/words/v2', 'all')).toBe(200);
  expect(await status('/services/digits/v2', 'one')).toBe(200);
  expect(await status('/services/words/v2', 'one')).toBe(401);
  expect(await status('/services/digits/v2', 'other')).toBe(401);
  expect(await status('/plimsoll/metrics', 'one')).toBe(401);
  expect(await status('/plimsoll/metrics', 'all')).toBe(200);
  await writeFile(file, `bob ${sha256('one')} words\n\n`);
  await clientKeys.reload();
  expect(await status('/services/digits/v2', 'one')).toBe(401);
  expect(await status('/services/words/v2', 'one')).toBe(200);
  await rm(folder, { recursive: true });
});

test('services that nobody asks are not swept', async () => {
  const { upstream: slow, waiting } = await slowReplica();
  const rig = await rigOf({ idle: await replicaOf('idle'), asked: slow });
  const underWay = ask(rig.url, { path: '/services/asked/v2', body: 'x' });
  await until(() => waiting.length === 1);
  let swept = 0;
  const idle = pathOf(rig, 'idle');
  const sweep = idle.sweep.bind(idle);
  idle.sweep = (nowMs) => {
    swept += 1;
    sweep(nowMs);
  };
  rig.gateway.sweep(rig.clock.monotonicMs());
  expect(swept).toBe(0);
  waiting[0]?.end('ok');
  await underWay;
  await ask(rig.url, { path: '/services/idle/v2', body: 'x' });
  await until(() => swept > 0);
  const after = swept;
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(swept).toBeLessThanOrEqual(after + 1);
});

test('a deadline of one service is kept while the others are idle', async () => {
  const { upstream: slow, waiting } = await slowReplica();
  const rig = await rigOf({ idle: await replicaOf('idle'), asked: slow });
  const late = ask(rig.url, { path: '/services/asked/v2', body: 'x' });
  await until(() => waiting.length === 1);
  rig.clock.skip(30_100);
  expect(codeOf(await late)).toBe('504 deadline-exceeded');
});

test('a drain takes nothing new of any service, and lets what is under way finish', async () => {
  const { upstream: slow, waiting } = await slowReplica();
  const rig = await rigOf({ a: slow, b: slow }, { drainTimeoutMs: 10_000 });
  const answers = [
    ask(rig.url, { path: '/services/a/v2', body: 'x' }),
    ask(rig.url, { path: '/services/b/v2', body: 'x' }),
  ];
  await until(() => waiting.length === 2);
  const drained = rig.stop();
  await expect(ask(rig.url, { path: '/services/a/v2', body: 'x' })).rejects.toThrow(/ECONNREFUSED/);
  for (const res of waiting) res.end('finished');
  expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(['finished', 'finished']);
  await drained;
});
