import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { ask, makeTable, openSocket, startGateway, startUpstream, until } from '../testing/rigs/gateway-rig.ts';

test('a drain takes nothing new, and lets what is under way finish', async () => {
  const waiting: ServerResponse[] = [];
  const upstream = await startUpstream((_req, res) => void waiting.push(res));
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), { drainTimeoutMs: 10_000 });
  const underWay = ask(rig.url, { body: 'x' });
  await until(() => waiting.length === 1);
  const idle = await openSocket(rig.port);
  const drained = rig.stop();
  await expect(ask(rig.url, { body: 'x' })).rejects.toThrow(/ECONNREFUSED/);
  waiting[0]?.end('finished');
  const answer = await underWay;
  expect([answer.body, answer.headers.connection]).toEqual(['finished', 'close']);
  idle.destroy();
  await drained;
  await upstream.stop();
});

test('a request on a connection that was kept alive is served once more, and the answer closes the connection', async () => {
  const waiting: ServerResponse[] = [];
  const upstream = await startUpstream((_req, res) => void waiting.push(res));
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), { drainTimeoutMs: 10_000 });
  const socket = await openSocket(rig.port);
  let seen = '';
  socket.on('data', (chunk) => (seen += chunk.toString()));
  // Two on one connection: the second one comes in while the drain is on.
  socket.write('GET /v2 HTTP/1.1\r\nhost: h\r\n\r\n');
  await until(() => waiting.length === 1);
  const drained = rig.stop();
  socket.write('GET /v2 HTTP/1.1\r\nhost: h\r\n\r\n');
  waiting[0]?.end('first');
  await until(() => waiting.length === 2);
  // A third one comes too late: the answer to the second is the last.
  socket.write('GET /v2 HTTP/1.1\r\nhost: h\r\n\r\n');
  waiting[1]?.end('second');
  await new Promise((resolve) => socket.on('close', resolve));
  await drained;
  expect(seen).toMatch(/^HTTP\/1\.1 200 OK[^]*first[^]*200 OK[^]*connection: close[^]*second/i);
  expect([waiting.length, rig.gateway.path.signals.refused.draining]).toEqual([2, 0]);
  await upstream.stop();
});

test('a connection without a request is kept for one that is on its way, and closed after a while', async () => {
  const upstream = await startUpstream((_req, res) => void res.end('served'));
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), {
    drainTimeoutMs: 10_000,
    drainIdleMs: 1_000,
  });
  const [asking, silent] = [await openSocket(rig.port), await openSocket(rig.port)];
  const closedAfterMs = async (socket: typeof asking): Promise<number> => {
    await new Promise((resolve) => socket.once('close', resolve));
    return performance.now() - beganMs;
  };
  let seen = '';
  for (const socket of [asking, silent]) {
    socket.on('data', (chunk) => (seen += chunk.toString()));
    socket.write('GET /v2 HTTP/1.1\r\nhost: h\r\n\r\n');
  }
  await until(() => seen.split('served').length === 3);
  const beganMs = performance.now();
  const [askingEnds, silentEnds, drained] = [closedAfterMs(asking), closedAfterMs(silent), rig.stop()];
  await new Promise((resolve) => setTimeout(resolve, 300));
  asking.write('GET /v2 HTTP/1.1\r\nhost: h\r\n\r\n');
  await askingEnds;
  expect(seen).toMatch(/connection: close[^]*served$/i);
  expect(await silentEnds).toBeGreaterThan(950);
  await drained;
  await upstream.stop();
});

test('a drain without connections ends at once', async () => {
  const rig = await startGateway(makeTable([{ endpoints: ['http://127.0.0.1:9'] }]), { drainIdleMs: 5_000 });
  const beganMs = performance.now();
  await rig.stop();
  expect(performance.now() - beganMs).toBeLessThan(2_000);
});

test('what does not finish in time is broken off', async () => {
  let begun = 0;
  const upstream = await startUpstream((req, res) => {
    begun += 1;
    if (req.url === '/v2/stream') res.write('data: 1\n\n');
  });
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), { drainTimeoutMs: 100 });
  const stream = ask(rig.url, { path: '/v2/stream', body: 'x' });
  const silent = ask(rig.url, { path: '/v2/silent', body: 'x' });
  await until(() => begun === 2 && rig.gateway.path.signals.answered === 1);
  const outcomes = Promise.allSettled([stream, silent]);
  await rig.stop();
  const [streamed, answered] = await outcomes;
  expect(streamed.status).toBe('rejected');
  expect(answered).toMatchObject({ status: 'fulfilled', value: { status: 503 } });
  expect(rig.log.some((line) => line.startsWith('drain.cut {"open":2}'))).toBe(true);
  await upstream.stop();
});
