import { request } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import {
  ask,
  makeTable,
  openSocket,
  speakRaw,
  startGateway,
  startUpstream,
  until,
  type Answer,
  type GatewayRig,
  type Upstream,
} from '../testing/rigs/gateway-rig.ts';
import { allowedMethods, refusals, type RefusalCode } from './admission/refusal.ts';
import type { GatewaySettings } from './settings.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

async function rigOf(settings: Partial<GatewaySettings> = {}): Promise<{ rig: GatewayRig; upstream: Upstream }> {
  const upstream = await startUpstream((req, res) => req.resume().on('end', () => res.end('ok')));
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), settings);
  running.push(rig, upstream);
  return { rig, upstream };
}

const codeOf = (answer: Answer): unknown => (JSON.parse(answer.body) as { code: string }).code;
const post = 'POST /v2/models/m/infer HTTP/1.1\r\nhost: h\r\n';
/** The head of a request that is well-formed and asks for nothing more afterwards. */
const get = 'GET /v2 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n';

test.each([
  ['both lengths', `${post}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['both lengths, the other way round', `${post}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n`],
  ['two lengths', `${post}content-length: 1\r\ncontent-length: 2\r\n\r\nxx`],
  ['a list of lengths', `${post}content-length: 1, 1\r\n\r\nx`],
  ['a signed length', `${post}content-length: +1\r\n\r\nx`],
  ['a coding before chunked', `${post}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['a coding that only looks like chunked', `${post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['a blank before the colon', `${post}content-length : 1\r\n\r\nx`],
  ['a folded field', `${post}x: 1\r\n  2\r\ncontent-length: 1\r\n\r\nx`],
  ['no host', 'POST /v2/models/m/infer HTTP/1.1\r\ncontent-length: 1\r\n\r\nx'],
  ['a field name with a blank', `${post}x y: 1\r\n\r\n`],
  ['not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
])('%s is refused, and never reaches a replica', async (_, wire) => {
  const { rig, upstream } = await rigOf({ keepAliveMs: 50 });
  const answer = await speakRaw(rig.port, wire);
  expect(answer).toMatch(/^HTTP\/1\.1 (400|501) /);
  expect(answer.match(/^HTTP\/1\.1 \d/gm)).toHaveLength(1);
  expect(upstream.seen).toHaveLength(0);
  expect((await ask(rig.url, { body: 'x' })).body).toBe('ok');
});

test.each(['GET', 'HEAD'])('a %s with a body is refused, and what it hides reaches no replica', async (method) => {
  const { rig, upstream } = await rigOf({ keepAliveMs: 50 });
  const hidden = 'POST /v2/repository/index HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n';
  const head = `${method} /v2/health/ready HTTP/1.1\r\nhost: h\r\ncontent-length: ${hidden.length}\r\n\r\n`;
  expect(await speakRaw(rig.port, head + hidden)).toMatch(/^HTTP\/1\.1 400 /);
  expect(upstream.seen).toHaveLength(0);
  expect(rig.gateway.path.signals.refused['body-unexpected']).toBe(1);
});

test('an answer of 204 goes on without the length that its replica gave it', async () => {
  const upstream = await startUpstream((req) => {
    req.resume();
    req.socket.write('HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n');
  });
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), { keepAliveMs: 50 });
  running.push(rig, upstream);
  const answers = await speakRaw(rig.port, `GET /v2 HTTP/1.1\r\nhost: h\r\n\r\n${get}`);
  expect(answers.match(/^HTTP\/1\.1 204/gm)).toHaveLength(2);
  expect(answers.toLowerCase()).not.toContain('content-length');
});

test('a chunked body that stops being one is refused, and the replica never sees its end', async () => {
  const { rig, upstream } = await rigOf();
  const answer = await speakRaw(rig.port, `${post}transfer-encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  await until(() => rig.gateway.path.openCount === 0);
  expect(upstream.seen.some((req) => req.complete)).toBe(false);
});

test('what follows a refused head on the same connection is not read as a request', async () => {
  const { rig, upstream } = await rigOf();
  const smuggled = 'POST /v2/models/m/infer HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\nx';
  const answer = await speakRaw(rig.port, `${post}transfer-encoding: xchunked\r\n\r\n${smuggled}`);
  expect(answer.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 501']);
  expect(upstream.seen).toHaveLength(0);
});

test('a refused request says what is wrong and what to do', async () => {
  const { rig } = await rigOf();
  const answer = await speakRaw(rig.port, 'nonsense\r\n\r\n');
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
    code: 'not-http',
    next: expect.any(String),
  });
});

test.each([
  ['no Host', 'GET /v2 HTTP/1.1\r\n\r\n', '400 Bad Request', 'host-invalid'],
  ['no Host, of its own paths', 'GET /plimsoll/live HTTP/1.1\r\n\r\n', '400 Bad Request', 'host-invalid'],
  ['two Hosts', 'GET /v2 HTTP/1.1\r\nhost: a\r\nHost: b\r\n\r\n', '400 Bad Request', 'host-invalid'],
  ['an unknown expectation', `${post}expect: 200-ok\r\n\r\n`, '417 Expectation Failed', 'expectation-unknown'],
  ['an unknown method', 'BREW /v2 HTTP/1.1\r\nhost: h\r\n\r\n', '501 Not Implemented', 'method-unknown'],
  ['a method of proxies', 'CONNECT h:443 HTTP/1.1\r\nhost: h\r\n\r\n', '405 Method Not Allowed', 'method-refused'],
  ['a blank in a field name', `${post}x y: 1\r\n\r\n`, '400 Bad Request', 'head-invalid'],
  ['two lengths', `${post}content-length: 1\r\ncontent-length: 2\r\n\r\nxx`, '400 Bad Request', 'framing-invalid'],
  ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', '400 Bad Request', 'not-http'],
])('%s is answered by its standard phrase, in JSON, with what to do', async (_, wire, status, code) => {
  const { rig, upstream } = await rigOf({ keepAliveMs: 50 });
  const [head = '', body = ''] = (await speakRaw(rig.port, wire)).split('\r\n\r\n');
  expect(head.split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`);
  expect(head.toLowerCase()).toContain('content-type: application/json');
  expect(JSON.parse(body)).toEqual({
    error: refusals[code as RefusalCode].message,
    code,
    next: refusals[code as RefusalCode].next,
  });
  expect(upstream.seen).toHaveLength(0);
  expect(rig.gateway.path.signals.refused[code as RefusalCode]).toBe(1);
});

test('HTTP/1.0 needs no Host, and a 405 says what is allowed', async () => {
  const { rig } = await rigOf({ keepAliveMs: 50 });
  expect(await speakRaw(rig.port, 'GET /v2 HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect((await ask(rig.url, { method: 'TRACE', path: '/v2' })).headers['allow']).toBe(allowedMethods.join(', '));
});

test('methods that are not passed on, and upgrades, are refused', async () => {
  const { rig, upstream } = await rigOf();
  expect(codeOf(await ask(rig.url, { method: 'TRACE', path: '/v2' }))).toBe('method-refused');
  const upgrade = { connection: 'upgrade', upgrade: 'websocket' };
  expect(codeOf(await ask(rig.url, { method: 'GET', path: '/v2', headers: upgrade }))).toBe('upgrade-refused');
  expect(await speakRaw(rig.port, 'CONNECT evil.example:443 HTTP/1.1\r\nhost: h\r\n\r\n')).not.toMatch(/ 200 /);
  expect(upstream.seen).toHaveLength(0);
  const h2c = { connection: 'upgrade, http2-settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
  expect((await ask(rig.url, { method: 'GET', path: '/v2', headers: h2c })).status).toBe(200);
  expect(upstream.seen[0]?.headers).not.toHaveProperty('upgrade');
});

test('an absolute target goes to the replica, whatever host it names', async () => {
  const { rig, upstream } = await rigOf();
  const answer = await speakRaw(rig.port, get.replace('/v2', 'http://evil.example/v2/health/live'));
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(upstream.seen[0]?.url).toBe('/v2/health/live');
});

test('an announced body that is too large is refused before it is sent', async () => {
  const { rig, upstream } = await rigOf({ maxBodyBytes: 1000 });
  const wire = `${post}content-length: 1001\r\n\r\n`;
  const socket = await openSocket(rig.port);
  socket.write(wire);
  const head = await new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
  expect(head).toMatch(/^HTTP\/1\.1 413 /);
  socket.destroy();
  expect(upstream.seen).toHaveLength(0);
});

test('a chunked body that grows too large is cut off with 413', async () => {
  const { rig, upstream } = await rigOf({ maxBodyBytes: 100_000 });
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    const req = request(`${rig.url}/v2/models/m/infer`, { method: 'POST', agent: false }, (res) => {
      res.resume();
      resolve(res.statusCode);
    });
    req.on('error', reject);
    req.write(Buffer.alloc(60_000));
    setTimeout(() => req.write(Buffer.alloc(60_000)), 20);
  });
  expect(answer).toBe(413);
  await until(() => rig.gateway.path.inFlight === 0);
  expect(upstream.seen.every((req) => !req.complete)).toBe(true);
});

test('64 MB go through, and memory for bodies stays within its bound', async () => {
  const { rig } = await rigOf();
  const body = Buffer.alloc(64 * 1024 * 1024, 1);
  expect((await fetch(`${rig.url}/v2/models/m/infer`, { method: 'POST', body })).status).toBe(200);
  const tooLarge = await ask(rig.url, {
    headers: { 'content-length': String(body.byteLength + 1), expect: '100-continue' },
  });
  expect(tooLarge.status).toBe(413);
  expect(JSON.parse(tooLarge.body)).toMatchObject({
    error: 'the body is larger than this gateway passes on: at most 64MiB',
    next: expect.stringContaining('the server behind it has a limit of its own') as string,
  });
  expect(rig.gateway.path.heldBytes).toBe(0);
});

test('what cannot be held any more streams through', async () => {
  const { rig } = await rigOf({ bufferedTotalBytes: 1000 });
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(rig.url, { body: 'y'.repeat(600) })));
  expect(answers.every((answer) => answer.body === 'ok')).toBe(true);
  expect(rig.gateway.path.heldBytes).toBe(0);
});

test('a client that sends its head one byte at a time is cut off, and others are served meanwhile', async () => {
  const { rig } = await rigOf({ headersTimeoutMs: 300 });
  const slow = await openSocket(rig.port);
  const answer = new Promise<string>((resolve) => {
    let all = '';
    slow.on('data', (chunk) => (all += chunk.toString()));
    slow.on('close', () => resolve(all));
    slow.on('error', () => undefined);
  });
  const drip = setInterval(() => void slow.write('G'.slice(0, 1)), 50);
  slow.write('GET /v2 HTTP/1.1\r\nx: ');
  expect((await ask(rig.url, { body: 'x' })).body).toBe('ok');
  expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
  clearInterval(drip);
  expect(rig.gateway.path.signals.refused['headers-stalled']).toBe(1);
});

test('a connection that sends nothing at all is closed', async () => {
  const { rig } = await rigOf({ headersTimeoutMs: 200 });
  const silent = await openSocket(rig.port);
  silent.resume();
  await new Promise((resolve) => silent.on('close', resolve));
});

test('a body that stands still is given up, held or streamed', async () => {
  for (const bufferedBodyBytes of [1_000_000, 10]) {
    const { rig } = await rigOf({ bufferedBodyBytes });
    const stuck = speakRaw(rig.port, `${post}content-length: 1000\r\n\r\nfirst bytes`);
    await until(() => rig.gateway.path.openCount === 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    rig.clock.skip(10_100);
    expect(await stuck).toMatch(/^HTTP\/1\.1 408 /);
    await until(() => rig.gateway.path.openCount === 0);
    expect(rig.gateway.path.inFlight).toBe(0);
    expect(rig.gateway.path.heldBytes).toBe(0);
  }
});

test('a body that drips on is given up at the deadline', async () => {
  const { rig } = await rigOf();
  const slow = await openSocket(rig.port);
  const answer = new Promise<string>((resolve) => slow.once('data', (chunk) => resolve(chunk.toString())));
  slow.write(`${post}content-length: 1000\r\n\r\n`);
  await until(() => rig.gateway.path.openCount === 1);
  for (let second = 0; second < 31; second += 1) {
    slow.write('.');
    await new Promise((resolve) => setTimeout(resolve, 3));
    rig.clock.skip(1000);
  }
  expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
  slow.destroy();
});

test('a reader that does not read holds the replica back instead of filling memory', async () => {
  let sentBytes = 0;
  let source: { writableNeedDrain: boolean } | null = null;
  const chunk = Buffer.alloc(64 * 1024);
  const upstream = await startUpstream((_req, res) => {
    source = res;
    const more = (): void => {
      while (sentBytes < 200 * 1024 * 1024) {
        sentBytes += chunk.byteLength;
        if (!res.write(chunk)) {
          res.once('drain', more);
          return;
        }
      }
      res.end();
    };
    more();
  });
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]));
  running.push(rig, upstream);
  const socket: Socket = await openSocket(rig.port);
  socket.pause();
  socket.write(`${post}content-length: 1\r\n\r\nx`);
  // On a busy machine nothing may come for a while though the replica is not held back yet.
  let [before, still] = [0, 0];
  while (still < 20) {
    still = before === sentBytes && sentBytes > 0 ? still + 1 : 0;
    before = sentBytes;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect((source as unknown as { writableNeedDrain: boolean }).writableNeedDrain).toBe(true);
  expect(sentBytes).toBeLessThan(40 * 1024 * 1024);
  rig.clock.skip(60_100);
  await until(() => rig.gateway.path.openCount === 0);
  expect(rig.gateway.path.signals).toMatchObject({ abandoned: 1, failed: 0 });
  socket.destroy();
});

test('pipelined requests are answered in order, each by itself', async () => {
  const upstream = await startUpstream((req, res) => {
    const delayMs = req.url?.endsWith('/1') === true ? 40 : 0;
    setTimeout(() => res.end(`answer to ${req.url}`), delayMs);
  });
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]));
  running.push(rig, upstream);
  const wire = ['1', '2', '3'].map(
    (n) => `GET /v2/${n} HTTP/1.1\r\nhost: h\r\n${n === '3' ? 'connection: close\r\n' : ''}\r\n`,
  );
  const answer = await speakRaw(rig.port, wire.join(''));
  expect(answer.match(/answer to \/v2\/\d/g)).toEqual(['answer to /v2/1', 'answer to /v2/2', 'answer to /v2/3']);
});

test('garbage after a request under way closes the connection without a second answer', async () => {
  const upstream = await startUpstream((_req, res) => void setTimeout(() => res.end('late'), 50));
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]));
  running.push(rig, upstream);
  const answer = await speakRaw(rig.port, `GET /v2 HTTP/1.1\r\nhost: h\r\n\r\n\x00\x01garbage\r\n\r\n`);
  expect(answer).toBe('');
  await until(() => rig.gateway.path.openCount === 0);
});

test('Expect: 100-continue gets its continue only once the request is admitted', async () => {
  const { rig, upstream } = await rigOf({ maxBodyBytes: 1000 });
  const outcome = (length: number, chunk: string): Promise<{ continued: boolean; status: number | undefined }> =>
    new Promise((resolve, reject) => {
      let continued = false;
      const headers = { expect: '100-continue', 'content-length': length };
      const req = request(`${rig.url}/v2/models/m/infer`, { method: 'POST', headers, agent: false }, (res) => {
        res.resume();
        resolve({ continued, status: res.statusCode });
      });
      req.on('continue', () => {
        continued = true;
        req.end(chunk);
      });
      req.on('error', reject);
      req.flushHeaders();
    });
  expect(await outcome(3, 'abc')).toEqual({ continued: true, status: 200 });
  expect(upstream.seen[0]?.headers).not.toHaveProperty('expect');
  expect(await outcome(2000, '')).toEqual({ continued: false, status: 413 });
});

test('a refused client may send on for a while, and no longer', async () => {
  const { rig } = await rigOf({ maxBodyBytes: 10 });
  const socket = await openSocket(rig.port);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => undefined);
  socket.write(`${post}content-length: 1000000\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.write('more');
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(socket.closed).toBe(false);
  rig.clock.skip(2100);
  await closed;
});

test('connections are bounded', async () => {
  const { rig } = await rigOf({ maxConnections: 5 });
  const sockets = await Promise.all(Array.from({ length: 8 }, () => openSocket(rig.port)));
  for (const socket of sockets) socket.on('error', () => undefined).resume();
  await until(() => sockets.filter((socket) => socket.closed).length === 3);
  for (const socket of sockets) socket.destroy();
  await until(() => sockets.every((socket) => socket.closed));
  let served = '';
  while (served === '') {
    served = await ask(rig.url, { body: 'x' }).then(
      ({ body }) => body,
      () => '',
    );
  }
  expect(served).toBe('ok');
});
