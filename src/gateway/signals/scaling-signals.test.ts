import type { ServerResponse } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { ask, makeTable, startGateway, startUpstream, until, type GatewayRig } from '../../testing/rigs/gateway-rig.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});
const keep = <T extends { stop(): Promise<void> }>(each: T): T => {
  running.unshift(each);
  return each;
};
const scalingOf = (rig: GatewayRig) => rig.gateway.report().scaling;

test('a report tells how long the oldest request has waited, and nothing once none does', async () => {
  const waiting: ServerResponse[] = [];
  const upstream = keep(await startUpstream((_req, res) => void waiting.push(res)));
  const rig = keep(await startGateway(makeTable([], { starting: true })));
  expect(scalingOf(rig)).toMatchObject({ oldestWaitMs: 0, arrivals: 0 });
  const first = ask(rig.url, { body: 'x' });
  await until(() => rig.gateway.path.queueDepth === 1);
  rig.clock.skip(4_000);
  const second = ask(rig.url, { body: 'x' });
  await until(() => rig.gateway.path.queueDepth === 2);
  expect(scalingOf(rig)?.oldestWaitMs).toBeGreaterThanOrEqual(4_000);
  expect(scalingOf(rig)?.oldestWaitMs).toBeLessThan(8_000);
  rig.gateway.offer(makeTable([{ endpoints: [upstream.endpoint] }], { generation: 2 }));
  await until(() => waiting.length === 2);
  expect(scalingOf(rig)?.oldestWaitMs).toBe(0);
  for (const res of waiting) res.end('ok');
  await Promise.all([first, second]);
});

test('only requests that asked for a replica are arrivals, those without room among them', async () => {
  const rig = keep(await startGateway(makeTable([])));
  await ask(rig.url, { path: '/elsewhere', body: 'x' });
  expect(rig.gateway.report()).toMatchObject({ arrivals: 1, scaling: { arrivals: 0 } });
  expect((await ask(rig.url, { body: 'x' })).status).toBe(503);
  expect(rig.gateway.report()).toMatchObject({ arrivals: 2, scaling: { arrivals: 1, completions: 0 } });
});

test('the time with a replica leaves out its first requests; errors are no completions', async () => {
  const upstream = keep(
    await startUpstream((req, res) => {
      res.statusCode = req.url === '/v2/broken' ? 500 : req.url === '/v2/wrong' ? 422 : 200;
      rig.clock.skip(5_000);
      res.end('ok');
    }),
  );
  const table = makeTable([{ endpoints: [upstream.endpoint] }]);
  const rig = keep(await startGateway(table, {}, { unitBounds: { coldRequests: 2, coldMs: 0 } }));
  for (let sent = 0; sent < 2; sent += 1) await ask(rig.url, { body: 'x' });
  expect(scalingOf(rig)).toMatchObject({ completions: 2, timed: 0, serviceMs: 0 });
  for (let sent = 0; sent < 3; sent += 1) await ask(rig.url, { body: 'x' });
  for (const path of ['/v2/broken', '/v2/wrong']) await ask(rig.url, { path, body: 'x' });
  const { completions, timed, serviceMs } = scalingOf(rig) ?? { completions: 0, timed: 0, serviceMs: 0 };
  expect([completions, timed]).toEqual([5, 3]);
  expect(serviceMs / timed).toBeGreaterThanOrEqual(5_000);
  expect(serviceMs / timed).toBeLessThan(10_000);
  // The same of the replica, so that one slow one among many shows.
  expect(rig.gateway.report().replicas[0]).toMatchObject({ requests: 7, warm: { answers: 3, serviceMs } });
});

const rowsBody = (rows: number): string =>
  JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [rows, 2], data: [] }] });

test('work is told in bytes and rows: what arrived, and what was answered below 400', async () => {
  const upstream = keep(
    await startUpstream((req, res) => {
      req.resume().on('end', () => res.writeHead(req.url === '/v2/wrong' ? 422 : 200).end('ok'));
    }),
  );
  const rig = keep(await startGateway(makeTable([{ endpoints: [upstream.endpoint] }])));
  await ask(rig.url, { body: rowsBody(8) });
  await ask(rig.url, { path: '/v2/wrong', body: rowsBody(3) });
  await ask(rig.url, { body: 'no rows' });
  const bytes = [rowsBody(8), rowsBody(3), 'no rows'].map((body) => Buffer.byteLength(body));
  expect(scalingOf(rig)?.work).toEqual({
    bytesArrived: bytes.reduce((sum, each) => sum + each, 0),
    bytesCompleted: (bytes[0] ?? 0) + (bytes[2] ?? 0),
    rowsArrived: 11,
    rowsCompleted: 8,
    rowedCompletions: 1,
    tokensIn: 0,
    tokensOut: 0,
    tokenedCompletions: 0,
  });
});

test('a body of unknown length counts the bytes that came, and no rows', async () => {
  const upstream = keep(await startUpstream((req, res) => void req.resume().on('end', () => res.end('ok'))));
  const rig = keep(await startGateway(makeTable([{ endpoints: [upstream.endpoint] }])));
  const body = new ReadableStream({
    start(controller) {
      for (const piece of ['first', 'second']) controller.enqueue(Buffer.from(piece));
      controller.close();
    },
  });
  await (await fetch(`${rig.url}/v2/models/digits/infer`, { method: 'POST', body, duplex: 'half' })).text();
  await until(() => scalingOf(rig)?.completions === 1);
  expect(scalingOf(rig)?.work).toMatchObject({ bytesArrived: 11, bytesCompleted: 11, rowsArrived: 0 });
});

test('tokens of request and answer are told where the usage of an answer tells them', async () => {
  const usage = { prompt_tokens: 9, completion_tokens: 5 };
  const upstream = keep(
    await startUpstream((req, res) => {
      res.end(JSON.stringify(req.headers['x-silent'] === undefined ? { usage } : {}));
    }),
  );
  const table = makeTable([{ endpoints: [upstream.endpoint] }], { protocol: 'openai' });
  const rig = keep(await startGateway(table));
  for (const headers of [{}, {}, { 'x-silent': '1' }]) {
    await ask(rig.url, { path: '/v1/chat/completions', body: rowsBody(8), headers });
  }
  const told = { rowsArrived: 0, tokensIn: 18, tokensOut: 10, tokenedCompletions: 2 };
  expect(scalingOf(rig)).toMatchObject({ completions: 3, work: told });
});

test('the time of a report is by a clock that never steps', async () => {
  const rig = keep(await startGateway(makeTable([])));
  const before = scalingOf(rig)?.upMs ?? NaN;
  rig.clock.skip(5_000);
  const tookMs = (scalingOf(rig)?.upMs ?? NaN) - before;
  expect(tookMs).toBeGreaterThanOrEqual(5_000);
});

test('it is told at once when a request finds no replica, and not by those that wait behind it', async () => {
  const rig = keep(await startGateway(makeTable([], { starting: true })));
  let told = 0;
  rig.gateway.path.starving = () => (told += 1);
  const held = [1, 2].map(() => ask(rig.url, { body: 'x' }));
  await until(() => rig.gateway.path.queueDepth === 2);
  expect(told).toBe(1);
  rig.clock.skip(60_000);
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([504, 504]);
});

test('what health is judged by leaves out what clients did wrong, also a deadline that they made too short', async () => {
  const waiting: ServerResponse[] = [];
  const upstream = keep(await startUpstream((_req, res) => void waiting.push(res)));
  const rig = keep(await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), { deadlineMs: 20_000 }));
  await ask(rig.url, { path: '/elsewhere', body: 'x' });
  expect(rig.gateway.report().outcomes).toEqual({ requests: 0, failed: 0, latency: {} });
  const hurried = ask(rig.url, { body: 'x', headers: { 'plimsoll-deadline-ms': '500' } });
  await until(() => waiting.length === 1);
  rig.clock.skip(1_000);
  expect((await hurried).status).toBe(504);
  expect(rig.gateway.report()).toMatchObject({ failed: 1, outcomes: { requests: 0, failed: 0 } });
  const patient = ask(rig.url, { body: 'x' });
  await until(() => waiting.length === 2);
  rig.clock.skip(21_000);
  expect((await patient).status).toBe(504);
  expect(rig.gateway.report().outcomes).toMatchObject({ requests: 1, failed: 1 });
});

test('a deadline that passed is counted also where arrival and deadline are floats of other sizes', async () => {
  const waiting: ServerResponse[] = [];
  const upstream = keep(await startUpstream((_req, res) => void waiting.push(res)));
  const rig = keep(await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), { deadlineMs: 20_000 }));
  // A float of 2^15 or more holds fewer fractions: arrival + 20,000 - arrival is below 20,000.
  let nowMs = 12_768 + 2 ** -38;
  expect(nowMs + 20_000 - nowMs).toBeLessThan(20_000);
  vi.spyOn(rig.clock, 'monotonicMs').mockImplementation(() => nowMs);
  const patient = ask(rig.url, { body: 'x' });
  await until(() => waiting.length === 1);
  nowMs += 21_000;
  expect((await patient).status).toBe(504);
  expect(rig.gateway.report().outcomes).toMatchObject({ requests: 1, failed: 1 });
});

test('what health is judged by counts answers, errors and refusals, and how long answers took', async () => {
  const upstream = keep(
    await startUpstream((req, res) => {
      res.statusCode = req.url === '/v2/broken' ? 500 : req.url === '/v2/wrong' ? 422 : 200;
      res.end('ok');
    }),
  );
  const rig = keep(await startGateway(makeTable([{ endpoints: [upstream.endpoint] }])));
  for (const path of ['/v2/a', '/v2/broken', '/v2/wrong']) await ask(rig.url, { path, body: 'x' });
  const { latency, ...counts } = rig.gateway.report().outcomes ?? { latency: {} };
  expect(counts).toEqual({ requests: 3, failed: 1 });
  expect(Object.values(latency).reduce((sum, count) => sum + count, 0)).toBe(3);
  rig.gateway.offer(makeTable([], { generation: 2 }));
  expect((await ask(rig.url, { body: 'x' })).status).toBe(503);
  expect(rig.gateway.report().outcomes).toMatchObject({ requests: 4, failed: 2 });
});
