import type { IncomingMessage, RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import type { Protocol } from '../../core/contract/contract.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import {
  ask,
  makeTable,
  startGateway,
  startUpstream,
  until,
  type GatewayRig,
  type Upstream,
} from '../../testing/rigs/gateway-rig.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

async function upstream(answer: RequestListener): Promise<Upstream> {
  const made = await startUpstream((req, res) => void req.resume().on('end', () => answer(req, res)));
  running.push(() => made.stop());
  return made;
}

const scores = (data: readonly number[], name = 'scores'): string =>
  JSON.stringify({ model_name: 'digits', outputs: [{ name, datatype: 'FP32', shape: [1, data.length], data }] });
const answering =
  (body: string | Buffer, status = 200, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (_req, res) => {
    res.writeHead(status, { 'content-type': 'application/json', ...headers });
    res.end(body);
  };

function shadowTable(live: string, shadow: string, share = 1, protocol: Protocol = 'open-inference-v2'): RoutingTable {
  return makeTable([{ release: 1, endpoints: [live] }], {
    protocol,
    shadow: { release: 2, modelVersion: 2, share, replicas: [{ replicaId: 'shadow-1', endpoint: shadow }] },
    canary: { release: 2, against: 1, step: -1, startedAtMs: 1 },
  });
}

async function mirrored(
  live: RequestListener,
  shadow: RequestListener,
  share = 1,
  protocol: Protocol = 'open-inference-v2',
): Promise<{ rig: GatewayRig; live: Upstream; shadow: Upstream }> {
  const upstreams = { live: await upstream(live), shadow: await upstream(shadow) };
  const bounds = { shadowBounds: { perSecond: 10_000, loopShare: 0.99 } };
  const table = shadowTable(upstreams.live.endpoint, upstreams.shadow.endpoint, share, protocol);
  const rig = await startGateway(table, { deadlineMs: 5000 }, bounds);
  running.push(() => rig.stop());
  return { rig, ...upstreams };
}

const settled = (rig: GatewayRig, count: number): Promise<void> =>
  until(() => {
    const { shadowCompared, shadowSkipped } = rig.gateway.path.signals;
    return shadowCompared + Object.values(shadowSkipped).reduce((sum, each) => sum + each, 0) >= count;
  });
const agreementOf = (rig: GatewayRig) => rig.gateway.report().counts?.[0]?.agreement;

test('a copy goes to the shadow, marked, and its answer is compared and never returned', async () => {
  const bodies: Promise<string>[] = [];
  const live = await upstream(answering(scores([0.1, 0.9])));
  const shadow = await startUpstream((req, res) => {
    bodies.push(text(req));
    void bodies.at(-1)?.then(() => res.end(scores([0.2, 0.8])));
  });
  running.push(() => shadow.stop());
  const rig = await startGateway(shadowTable(live.endpoint, shadow.endpoint));
  running.push(() => rig.stop());
  const headers = { 'x-request-id': 'order-17', 'plimsoll-shadow': 'forged', 'accept-encoding': 'gzip' };
  const answer = await ask(rig.url, { body: '{"inputs":[]}', headers });
  expect([answer.headers['plimsoll-release'], answer.body]).toEqual(['1', scores([0.1, 0.9])]);
  await settled(rig, 1);
  expect(await Promise.all(bodies)).toEqual(['{"inputs":[]}']);
  expect(shadow.seen[0]?.headers).toMatchObject({ 'plimsoll-shadow': '1', 'x-request-id': 'order-17' });
  expect(shadow.seen[0]?.headers['accept-encoding']).toBeUndefined();
  expect(live.seen[0]?.headers['plimsoll-shadow']).toBeUndefined();
  const [counts] = rig.gateway.report().counts ?? [];
  expect(counts?.agreement).toEqual({ release: 2, compared: 1, agreed: 1, skipped: 0, reasons: {} });
  // Both releases have a unit of it.
  expect(counts?.releases.map((each) => [each.release, each.units.cold.units])).toEqual([
    [2, 1],
    [1, 1],
  ]);
});

test('a share is mirrored, and what is no inference is not', async () => {
  const { rig, shadow } = await mirrored(answering(scores([1, 0])), answering(scores([1, 0])), 0.25);
  for (let n = 0; n < 40; n += 1) await ask(rig.url, { body: '{}' });
  await ask(rig.url, { method: 'GET', path: '/v2/health/ready' });
  await settled(rig, 10);
  expect(shadow.seen).toHaveLength(10);
  expect(agreementOf(rig)).toMatchObject({ compared: 10, agreed: 10 });
});

test.each<[string, RequestListener]>([
  ['another choice', answering(scores([0.9, 0.1]))],
  ['another output', answering(scores([0.1, 0.9], 'other'))],
  ['no JSON', answering('<html>')],
  ['JSON of something else', answering('[1,2]')],
  ['a wrong header length', answering(scores([0.1, 0.9]), 200, { 'inference-header-content-length': '99999' })],
  ['a server error', answering('{}', 500)],
  ['10 MB', answering(Buffer.alloc(10_000_000, 0x61))],
])('a shadow that answers %s disagrees, and the client never knows', async (_name, shadow) => {
  const { rig } = await mirrored(answering(scores([0.1, 0.9])), shadow);
  expect((await ask(rig.url, { body: '{}' })).body).toBe(scores([0.1, 0.9]));
  await settled(rig, 1);
  expect(agreementOf(rig)).toMatchObject({ compared: 1, agreed: 0, skipped: 0 });
  expect(rig.gateway.path.signals.failed).toBe(0);
});

test('binary answers are compared by their values', async () => {
  const binary = (values: readonly number[]): { body: Buffer; headers: Record<string, string> } => {
    const shape = [1, values.length];
    const parameters = { binary_data_size: values.length * 4 };
    const json = JSON.stringify({ outputs: [{ name: 's', datatype: 'FP32', shape, parameters }] });
    const body = Buffer.concat([Buffer.from(json), Buffer.from(new Float32Array(values).buffer)]);
    return { body, headers: { 'inference-header-content-length': String(json.length) } };
  };
  const live = binary([0.25, 0.75]);
  for (const [values, agreed] of [
    [[0.3, 0.7], 1],
    [[0.7, 0.3], 0],
  ] as const) {
    const shadow = binary(values);
    const { rig } = await mirrored(
      answering(live.body, 200, live.headers),
      answering(shadow.body, 200, shadow.headers),
    );
    await ask(rig.url, { body: '{}' });
    await settled(rig, 1);
    expect(agreementOf(rig)).toMatchObject({ compared: 1, agreed });
  }
});

test('a shadow that hangs takes its bounded places and no more; its deadline is an error of its release', async () => {
  const { rig, shadow } = await mirrored(answering(scores([1, 0])), () => undefined);
  for (let n = 0; n < 30; n += 1) expect((await ask(rig.url, { body: '{}' })).status).toBe(200);
  await settled(rig, 22);
  expect(shadow.seen).toHaveLength(8);
  expect(rig.gateway.path.inFlight).toBe(0);
  rig.clock.skip(6000);
  await settled(rig, 30);
  const [counts] = rig.gateway.report().counts ?? [];
  expect(counts?.agreement).toMatchObject({ compared: 0, skipped: 30, reasons: { busy: 22, 'shadow-late': 8 } });
  expect(counts?.releases.find(({ release }) => release === 2)?.units.cold).toMatchObject({ units: 8, errors: 8 });
  expect(counts?.releases.find(({ release }) => release === 1)?.units.cold).toMatchObject({ units: 30, errors: 0 });
});

test('a shadow that dies is an error where it had the request, and none where it was not there', async () => {
  const { rig, shadow } = await mirrored(answering(scores([1, 0])), (req) => req.socket.destroy());
  await ask(rig.url, { body: '{}' });
  await settled(rig, 1);
  await shadow.stop();
  for (let n = 0; n < 3; n += 1) expect((await ask(rig.url, { body: '{}' })).status).toBe(200);
  await settled(rig, 4);
  const [counts] = rig.gateway.report().counts ?? [];
  expect(counts?.agreement).toMatchObject({ compared: 0, skipped: 4, reasons: { 'shadow-broke': 1 } });
  expect(counts?.releases.find(({ release }) => release === 2)?.units.cold).toMatchObject({ units: 1, errors: 1 });
});

test('what cannot be compared is skipped with its reason', async () => {
  const odd: RequestListener = (req: IncomingMessage, res) => {
    const kind = String(req.headers['x-kind']);
    if (kind === 'stream') res.writeHead(200, { 'content-type': 'text/event-stream' });
    else if (kind === 'refused') res.writeHead(400);
    else if (kind === 'encoded') res.writeHead(200, { 'content-encoding': 'gzip' });
    res.end(kind === 'long' ? 'x'.repeat(200_000) : 'x');
  };
  const { rig, shadow } = await mirrored(odd, answering('x'));
  for (const kind of ['stream', 'refused', 'encoded', 'long']) {
    await ask(rig.url, { body: '{}', headers: { 'x-kind': kind } });
  }
  await ask(rig.url, { body: 'x'.repeat(2_000_000) });
  await ask(rig.url, { body: '{}', path: '/v2/models/digits/versions/3/infer' });
  await settled(rig, 6);
  expect(shadow.seen).toHaveLength(0);
  expect(agreementOf(rig)?.reasons).toEqual({
    stream: 1,
    'live-answer-not-2xx': 1,
    'answer-encoded': 1,
    'answer-not-held': 1,
    'body-not-held': 1,
    'numbered-version': 1,
  });
  expect(rig.gateway.path.heldBytes).toBe(0);
});

const chat = (content: string): string => JSON.stringify({ id: content.length, choices: [{ message: { content } }] });
test.each([
  ['the same text at temperature 0', 0, 'yes', 'yes', { compared: 1, agreed: 1 }],
  ['another text at temperature 0', 0, 'yes', 'no', { compared: 1, agreed: 0 }],
  ['another text at temperature 1', 1, 'yes', 'no', { compared: 0, reasons: { 'temperature-not-0': 1 } }],
])('openai: %s', async (_name, temperature, live, shadow, expected) => {
  const { rig } = await mirrored(answering(chat(live)), answering(chat(shadow)), 1, 'openai');
  await ask(rig.url, { path: '/v1/chat/completions', body: JSON.stringify({ temperature, messages: [] }) });
  await settled(rig, 1);
  expect(agreementOf(rig)).toMatchObject(expected);
});

test('a table without the shadow ends what is mirrored', async () => {
  const { rig, live, shadow } = await mirrored(answering(scores([1, 0])), () => undefined);
  await ask(rig.url, { body: '{}' });
  await until(() => shadow.seen.length === 1);
  rig.gateway.offer(makeTable([{ release: 1, endpoints: [live.endpoint] }], { generation: 2 }));
  expect((await ask(rig.url, { body: '{}' })).status).toBe(200);
  expect(rig.gateway.path.inFlight).toBe(0);
  expect(rig.gateway.path.signals.shadowCompared).toBe(0);
});

test('the time of copies is told as time for the shadow, and none of them as an answer inside the objective', async () => {
  const slow: RequestListener = (_req, res) => void setTimeout(() => res.end(scores([1])), 60);
  const { rig } = await mirrored(answering(scores([1])), slow);
  await ask(rig.url, { body: '{}' });
  await settled(rig, 1);
  const { replicas } = rig.gateway.report();
  const ofShadow = replicas.find(({ replicaId }) => replicaId === 'shadow-1')?.work;
  expect(ofShadow).toMatchObject({ inside: 0, busyMs: ofShadow?.shadowMs });
  expect(ofShadow?.shadowMs).toBeGreaterThanOrEqual(50);
  expect(replicas.find(({ replicaId }) => replicaId !== 'shadow-1')?.work).toMatchObject({ inside: 1, shadowMs: 0 });
});
