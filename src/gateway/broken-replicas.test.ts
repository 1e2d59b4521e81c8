import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import {
  ask,
  makeTable,
  startGateway,
  startUpstream,
  until,
  type Answer,
  type GatewayRig,
} from '../testing/rigs/gateway-rig.ts';
import type { GatewaySettings } from './settings.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

/** A replica that speaks raw bytes: `speak` is called with each connection's first request. */
async function rawReplica(
  speak: (socket: Socket, nth: number) => void,
): Promise<{ endpoint: string; requests: () => number; close(): Promise<void>; server: Server }> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => speak(socket, (requests += 1)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  running.push({ stop: close });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    close,
    server,
  };
}

async function good(): Promise<{ endpoint: string; seen: unknown[] }> {
  const upstream = await startUpstream((req, res) => req.resume().on('end', () => res.end('good')));
  running.push(upstream);
  return upstream;
}

async function gatewayTo(endpoints: readonly string[], settings: Partial<GatewaySettings> = {}): Promise<GatewayRig> {
  const rig = await startGateway(makeTable([{ endpoints }]), settings);
  running.unshift(rig);
  return rig;
}

async function refusingEndpoint(): Promise<string> {
  const { endpoint, close } = await rawReplica(() => undefined);
  await close();
  return endpoint;
}

const codeOf = (answer: Answer): unknown => (JSON.parse(answer.body) as { code: string }).code;

test('a replica that refuses connections is passed over, and left alone for a while', async () => {
  const [away, here] = [await refusingEndpoint(), await good()];
  const rig = await gatewayTo([away, here.endpoint]);
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(rig.url, { body: 'x' })));
  expect(answers.every((answer) => answer.body === 'good')).toBe(true);
  const { signals } = rig.gateway.path;
  expect(signals.retried).toBeGreaterThan(0);
  expect(signals.failed).toBe(0);
  expect(rig.log.filter((line) => line.startsWith('replica.unreachable'))).toHaveLength(1);
});

test('a streamed body that nobody has read yet goes to another replica too', async () => {
  const [away, here] = [await refusingEndpoint(), await good()];
  const rig = await gatewayTo([away, here.endpoint], { bufferedBodyBytes: 10 });
  for (let n = 0; n < 4; n += 1) expect((await ask(rig.url, { body: 'y'.repeat(50_000) })).body).toBe('good');
});

test('with its only replica away a request waits for its return', async () => {
  const away = await rawReplica(() => undefined);
  await away.close();
  const rig = await gatewayTo([away.endpoint]);
  const held = ask(rig.url, { body: 'x' });
  await until(() => rig.gateway.path.signals.retried >= 2);
  const port = Number(new URL(away.endpoint).port);
  const back = createServer((socket) => {
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nback'));
  });
  await new Promise<void>((resolve) => back.listen(port, '127.0.0.1', resolve));
  expect((await held).body).toBe('back');
  await new Promise((resolve) => back.close(resolve));
});

test('a connection that ends before an answer is tried once on another replica', async () => {
  const [breaking, here] = [await rawReplica((socket) => socket.destroy()), await good()];
  const rig = await gatewayTo([breaking.endpoint, here.endpoint]);
  for (let n = 0; n < 4; n += 1) expect((await ask(rig.url, { body: 'x' })).body).toBe('good');
  expect(breaking.requests()).toBeGreaterThan(0);
  expect(rig.gateway.path.signals.failed).toBe(0);
});

test('a request that breaks every replica meets only two of them', async () => {
  const breaking = await Promise.all([1, 2, 3, 4].map(() => rawReplica((socket) => socket.destroy())));
  const rig = await gatewayTo(breaking.map((replica) => replica.endpoint));
  const answer = await ask(rig.url, { body: 'x' });
  expect([answer.status, codeOf(answer)]).toEqual([502, 'replica-broken']);
  expect(breaking.reduce((sum, replica) => sum + replica.requests(), 0)).toBe(2);
  expect(rig.gateway.path.signals.releases[0]).toMatchObject({ requests: 1, errors: 1 });
});

test('a body that was streaming is not sent twice', async () => {
  const breaking = await rawReplica((socket) => socket.destroy());
  const here = await good();
  const rig = await gatewayTo([breaking.endpoint, here.endpoint], { bufferedBodyBytes: 10 });
  const answers = [];
  for (let n = 0; n < 4; n += 1) answers.push(await ask(rig.url, { body: 'y'.repeat(2000) }));
  expect(answers.map((answer) => answer.status).sort()).toContain(502);
  expect(rig.gateway.path.signals.retried).toBe(0);
});

test.each([
  ['not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['a wrong status line', 'HTTP/1.1 9000 What\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd'],
  ['a head without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`],
])('a replica that answers %s costs that request 502, and the next one is fine', async (_, garbage) => {
  let broken = true;
  const replica = await rawReplica((socket) =>
    socket.write(broken ? garbage : 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
  );
  const rig = await gatewayTo([replica.endpoint]);
  const answer = await ask(rig.url, { body: 'x' });
  expect([answer.status, codeOf(answer)]).toEqual([502, 'replica-broken']);
  expect(replica.requests()).toBe(1);
  broken = false;
  expect((await ask(rig.url, { body: 'x' })).body).toBe('ok');
});

test.each([
  ['of known length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'],
  ['in chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
])('an answer %s that breaks off midway breaks off for the client too', async (_, half) => {
  const replica = await rawReplica((socket) => {
    socket.write(half);
    setTimeout(() => socket.destroy(), 20);
  });
  const rig = await gatewayTo([replica.endpoint]);
  await expect(ask(rig.url, { body: 'x' })).rejects.toThrow();
  await until(() => rig.gateway.path.openCount === 0);
  expect(rig.gateway.path.signals.failed).toBe(1);
  expect(rig.gateway.path.signals.releases[0]).toMatchObject({ requests: 1, errors: 1 });
  expect(replica.requests()).toBe(1);
});

test('an answer that stands still is given up', async () => {
  const replica = await rawReplica((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'));
  const rig = await gatewayTo([replica.endpoint]);
  const stuck = ask(rig.url, { body: 'x' });
  await until(() => rig.gateway.path.signals.answered === 1);
  rig.clock.skip(30_500);
  rig.gateway.path.sweep(rig.clock.monotonicMs());
  expect(rig.gateway.path.openCount).toBe(1);
  rig.clock.skip(30_000);
  await expect(stuck).rejects.toThrow();
  expect(rig.gateway.path.inFlight).toBe(0);
});

test('a replica that answers before the body is whole is listened to', async () => {
  const upstream = await startUpstream((_req, res) => {
    res.writeHead(413, { 'content-length': '3' });
    res.end('big');
  });
  running.push(upstream);
  const rig = await gatewayTo([upstream.endpoint], { bufferedBodyBytes: 10 });
  const answer = await ask(rig.url, { body: Buffer.alloc(200_000) });
  expect([answer.status, answer.body]).toEqual([413, 'big']);
});

test('5xx of a replica is passed on and counted', async () => {
  const upstream = await startUpstream((_req, res) => res.writeHead(503, { 'retry-after': '7' }).end('busy'));
  running.push(upstream);
  const rig = await gatewayTo([upstream.endpoint]);
  const answer = await ask(rig.url, { body: 'x' });
  expect([answer.status, answer.headers['retry-after'], answer.body]).toEqual([503, '7', 'busy']);
  expect(rig.gateway.path.signals).toMatchObject({ answered: 1, failed: 1, retried: 0 });
});

test('an informational answer ends at the gateway', async () => {
  const replica = await rawReplica((socket) =>
    socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
  );
  const rig = await gatewayTo([replica.endpoint]);
  const answer = await ask(rig.url, { body: 'x' });
  expect([answer.status, answer.body, answer.headers['link']]).toEqual([200, 'ok', undefined]);
});
