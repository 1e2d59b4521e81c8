import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import {
  ask,
  makeTable,
  startGateway,
  startUpstream,
  until,
  type Answer,
  type GatewayRig,
  type Upstream,
} from '../testing/rigs/gateway-rig.ts';
import type { GatewaySettings } from './settings.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

/** A replica that answers only when told. */
async function slowReplica(): Promise<{ upstream: Upstream; waiting: ServerResponse[] }> {
  const waiting: ServerResponse[] = [];
  const upstream = await startUpstream((_req, res) => void waiting.push(res));
  running.push(upstream);
  return { upstream, waiting };
}

async function gatewayOf(
  table: Parameters<typeof startGateway>[0],
  settings: Partial<GatewaySettings> = {},
): Promise<GatewayRig> {
  const rig = await startGateway(table, settings);
  running.unshift(rig);
  return rig;
}

const codeOf = (answer: Answer): unknown => (JSON.parse(answer.body) as { code: string }).code;

test('without a table, and without a replica on its way, a request is told to come again', async () => {
  const rig = await gatewayOf(null);
  const answer = await ask(rig.url, { body: 'x' });
  expect([answer.status, codeOf(answer), answer.headers['retry-after']]).toEqual([503, 'no-replica', '1']);
  rig.gateway.offer(makeTable([]));
  expect((await ask(rig.url, { body: 'x' })).status).toBe(503);
});

test('while a replica starts, requests are held and then released to it, oldest first', async () => {
  const { upstream, waiting } = await slowReplica();
  const rig = await gatewayOf(makeTable([], { starting: true }));
  const answers = ['1', '2', '3'].map(async (body) => {
    await until(() => rig.gateway.path.queueDepth === Number(body) - 1);
    return ask(rig.url, { body, headers: { 'x-request-id': `order-${body}` } });
  });
  await until(() => rig.gateway.path.queueDepth === 3);
  rig.gateway.offer(makeTable([{ endpoints: [upstream.endpoint] }], { generation: 2 }));
  await until(() => waiting.length === 3);
  expect(rig.gateway.path.queueDepth).toBe(0);
  for (const res of waiting) res.end('ok');
  expect((await Promise.all(answers)).map((answer) => answer.status)).toEqual([200, 200, 200]);
  expect(upstream.seen.map((req) => req.headers['x-request-id'])).toEqual(['order-1', 'order-2', 'order-3']);
});

test('a held request ends at its deadline with 504', async () => {
  const rig = await gatewayOf(makeTable([], { starting: true }));
  const held = ask(rig.url, { body: 'x', headers: { 'plimsoll-deadline-ms': '5000' } });
  await until(() => rig.gateway.path.queueDepth === 1);
  rig.clock.skip(4900);
  rig.gateway.path.sweep(rig.clock.monotonicMs());
  expect(rig.gateway.path.queueDepth).toBe(1);
  rig.clock.skip(200);
  const answer = await held;
  expect([answer.status, codeOf(answer)]).toEqual([504, 'deadline-exceeded']);
  expect(rig.gateway.path.queueDepth).toBe(0);
});

test('held requests are refused when the start is given up', async () => {
  const rig = await gatewayOf(makeTable([], { starting: true }));
  const held = ask(rig.url, { body: 'x' });
  await until(() => rig.gateway.path.queueDepth === 1);
  rig.gateway.offer(makeTable([], { generation: 2, starting: false }));
  expect((await held).status).toBe(503);
});

test('one replica gets no more than it may, the rest waits, and the queue has an end', async () => {
  const { upstream, waiting } = await slowReplica();
  const table = makeTable([{ endpoints: [upstream.endpoint] }]);
  const rig = await gatewayOf(table, { replicaConcurrency: 2, queueLimit: 3 });
  const answers = Array.from({ length: 5 }, () => ask(rig.url, { body: 'x' }));
  await until(() => waiting.length === 2 && rig.gateway.path.queueDepth === 3);
  const tooMany = await ask(rig.url, { body: 'x' });
  expect([tooMany.status, codeOf(tooMany), tooMany.headers['retry-after']]).toEqual([429, 'queue-full', '1']);
  for (let ended = 0; ended < 5; ended += 1) {
    await until(() => waiting.length > ended);
    expect(rig.gateway.path.inFlight).toBeLessThanOrEqual(2);
    waiting[ended]?.end('ok');
  }
  expect((await Promise.all(answers)).map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
  expect(rig.gateway.path.signals.rejected).toBe(1);
});

test('a client that leaves gives its place in the queue up', async () => {
  const rig = await gatewayOf(makeTable([], { starting: true }));
  const leave = new AbortController();
  const held = fetch(`${rig.url}/v2/models/m/infer`, { method: 'POST', body: 'x', signal: leave.signal });
  await until(() => rig.gateway.path.queueDepth === 1);
  leave.abort();
  await expect(held).rejects.toThrow();
  await until(() => rig.gateway.path.queueDepth === 0);
  expect(rig.gateway.path.heldBytes).toBe(0);
});

test('a replica that never answers costs its request 504 and nobody else anything', async () => {
  const { upstream, waiting } = await slowReplica();
  const quick = await startUpstream((_req, res) => res.end('ok'));
  running.push(quick);
  const rig = await gatewayOf(makeTable([{ endpoints: [upstream.endpoint, quick.endpoint] }]));
  const asked = [ask(rig.url, { body: 'x' }), ask(rig.url, { body: 'x' })];
  await until(() => waiting.length === 1);
  expect((await Promise.any(asked)).status).toBe(200);
  // With one outstanding on the stuck replica, the others go where nothing waits.
  for (let n = 0; n < 5; n += 1) expect((await ask(rig.url, { body: 'x' })).status).toBe(200);
  expect(waiting).toHaveLength(1);
  rig.clock.skip(31_000);
  const answers = await Promise.all(asked);
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 504]);
  expect(rig.gateway.path.inFlight).toBe(0);
});

test('a deadline must be a positive whole number, and is capped', async () => {
  const { upstream, waiting } = await slowReplica();
  const rig = await gatewayOf(makeTable([{ endpoints: [upstream.endpoint] }]), { maxDeadlineMs: 9000 });
  for (const bad of ['0', '-5', '1.5', 'soon', '1e3', '99999999999']) {
    const answer = await ask(rig.url, { body: 'x', headers: { 'plimsoll-deadline-ms': bad } });
    expect([answer.status, codeOf(answer)], bad).toEqual([400, 'deadline-invalid']);
  }
  const long = ask(rig.url, { body: 'x', headers: { 'plimsoll-deadline-ms': '9999999' } });
  await until(() => waiting.length === 1);
  rig.clock.skip(9100);
  expect((await long).status).toBe(504);
});

test('a replica that leaves the table finishes what it has, and gets nothing new', async () => {
  const { upstream, waiting } = await slowReplica();
  const next = await startUpstream((_req, res) => res.end('new'));
  running.push(next);
  const rig = await gatewayOf(makeTable([{ release: 1, endpoints: [upstream.endpoint] }]));
  const old = ask(rig.url, { body: 'x' });
  await until(() => waiting.length === 1);
  rig.gateway.offer(makeTable([{ release: 2, endpoints: [next.endpoint] }], { generation: 2 }));
  const fresh = await ask(rig.url, { body: 'x' });
  expect([fresh.body, fresh.headers['plimsoll-release']]).toEqual(['new', '2']);
  waiting[0]?.end('old');
  const finished = await old;
  expect([finished.body, finished.headers['plimsoll-release']]).toEqual(['old', '1']);
});

test('traffic is split by share', async () => {
  const replicas = await Promise.all([1, 2].map(() => startUpstream((_req, res) => res.end('ok'))));
  running.push(...replicas);
  const [stable, canary] = replicas.map((replica) => replica.endpoint);
  const rig = await gatewayOf(
    makeTable([
      { release: 1, share: 0.75, endpoints: [stable ?? ''] },
      { release: 2, share: 0.25, endpoints: [canary ?? ''] },
    ]),
  );
  for (let n = 0; n < 40; n += 1) await ask(rig.url, { body: 'x' });
  expect(replicas.map((replica) => replica.seen.length)).toEqual([30, 10]);
});
