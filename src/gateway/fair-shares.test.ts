/** What one client of a service leaves to the others: limits, turns, seats, places of connections. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { ClientRules } from '../core/access/shares/client-limits.ts';
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
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

interface World {
  readonly rig: GatewayRig;
  /** Requests that the replica has, with the tenant of each, in the order in which they came. */
  readonly held: { readonly tenant: string; readonly res: ServerResponse }[];
}

/** A replica that answers only when told, behind a gateway whose clients are told apart by `x-tenant`. */
async function openWorld(clients: ClientRules, settings: Partial<GatewaySettings> = {}): Promise<World> {
  const held: World['held'] = [];
  const upstream = await startUpstream((req, res) => {
    req.resume();
    held.push({ tenant: String(req.headers['x-tenant']), res });
  });
  const table = makeTable([{ endpoints: [upstream.endpoint] }], { clients: { header: 'x-tenant', ...clients } });
  const rig = await startGateway(table, settings);
  running.push(rig, upstream);
  return { rig, held };
}

const askAs = (rig: GatewayRig, tenant: string, body = 'x'): Promise<Answer> =>
  ask(rig.url, { body, headers: { 'x-tenant': tenant } });
const codeOf = ({ body }: Answer): unknown => (JSON.parse(body) as { code: string }).code;

test('a client beyond its rate is told which limit, and when to come again; another is not touched', async () => {
  const { rig, held } = await openWorld({ each: { requestsPerSecond: 0.01 } });
  const first = askAs(rig, 'flood');
  await until(() => held.length === 1);
  const refused = await askAs(rig, 'flood');
  expect([refused.status, codeOf(refused)]).toEqual([429, 'client-requests']);
  expect(refused.body).toContain('0.01 requests/s');
  const afterSeconds = Number(refused.headers['retry-after']);
  expect(afterSeconds).toBeGreaterThanOrEqual(1);
  expect(afterSeconds).toBeLessThanOrEqual(100);
  const calm = askAs(rig, 'calm');
  await until(() => held.length === 2);
  for (const { res } of held) res.end('ok');
  expect((await Promise.all([first, calm])).map(({ status }) => status)).toEqual([200, 200]);
  rig.clock.skip(afterSeconds * 1000);
  const again = askAs(rig, 'flood');
  await until(() => held.length === 3);
  held[2]?.res.end('ok');
  expect((await again).status).toBe(200);
});

test('what a limit refuses is no demand and no failure of the service', async () => {
  const { rig, held } = await openWorld({ each: { requestsPerSecond: 0.001 } });
  const first = askAs(rig, 'flood');
  await until(() => held.length === 1);
  for (let n = 0; n < 20; n += 1) expect((await askAs(rig, 'flood')).status).toBe(429);
  held[0]?.res.end('ok');
  await first;
  const { signals } = rig.gateway.path;
  expect([signals.asked, signals.rejected, signals.outcomes.failed]).toEqual([1, 0, 0]);
});

test('open requests of a client are bounded, and come free as they end', async () => {
  const { rig, held } = await openWorld({ each: { concurrent: 2 } });
  const open = [askAs(rig, 'a'), askAs(rig, 'a')];
  await until(() => held.length === 2);
  expect(codeOf(await askAs(rig, 'a'))).toBe('client-concurrent');
  held[0]?.res.end('ok');
  await Promise.any(open);
  await until(() => rig.gateway.path.openCount === 1);
  open.push(askAs(rig, 'a'));
  await until(() => held.length === 3);
  for (const { res } of held) res.end('ok');
  expect((await Promise.all(open)).map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('bytes of requests and of answers count', async () => {
  const { rig, held } = await openWorld({ each: { bytesPerSecond: 1_000 } });
  const first = askAs(rig, 'a', 'x'.repeat(500));
  await until(() => held.length === 1);
  held[0]?.res.end('y'.repeat(200_000));
  await first;
  const refused = await askAs(rig, 'a', 'x');
  expect([codeOf(refused), Number(refused.headers['retry-after']) >= 100]).toEqual(['client-bytes', true]);
});

test('while requests wait, a client with one waits behind one of a flood, and not behind all', async () => {
  const { rig, held } = await openWorld({}, { replicaConcurrency: 1 });
  const flood = Array.from({ length: 21 }, () => askAs(rig, 'flood'));
  await until(() => held.length === 1 && rig.gateway.path.queueDepth === 20);
  const calm = askAs(rig, 'calm');
  await until(() => rig.gateway.path.queueDepth === 21);
  for (let served = 0; served < 22; served += 1) {
    await until(() => held.length === served + 1);
    held[served]?.res.end('ok');
  }
  await Promise.all([...flood, calm]);
  expect(held.findIndex(({ tenant }) => tenant === 'calm')).toBeLessThanOrEqual(2);
});

test('a client that holds most seats leaves an eighth of them to others, and takes all of them while it is alone', async () => {
  const { rig, held } = await openWorld({}, { replicaConcurrency: 8 });
  const flood = Array.from({ length: 10 }, () => askAs(rig, 'flood'));
  await until(() => held.length === 8 && rig.gateway.path.queueDepth === 2);
  const calm = askAs(rig, 'calm');
  await until(() => rig.gateway.path.queueDepth === 3);
  held[0]?.res.end('ok');
  await until(() => held.length === 9);
  expect(held[8]?.tenant).toBe('calm');
  held[8]?.res.end('ok');
  expect((await calm).status).toBe(200);
  await until(() => rig.gateway.path.inFlight === 7);
  expect(rig.gateway.path.queueDepth).toBe(2);
  const again = askAs(rig, 'calm');
  await until(() => held.length === 10);
  expect(held[9]?.tenant).toBe('calm');
  for (let served = 1; served < 12; served += 1) {
    await until(() => held.length > served);
    held[served]?.res.end('ok');
  }
  expect((await Promise.all([...flood, again])).every(({ status }) => status === 200)).toBe(true);
});

test('a full queue takes the newest request of the flood out for a client that has none in it', async () => {
  const { rig, held } = await openWorld({}, { replicaConcurrency: 1, queueLimit: 4 });
  const flood = Array.from({ length: 5 }, () => askAs(rig, 'flood'));
  await until(() => held.length === 1 && rig.gateway.path.queueDepth === 4);
  expect(codeOf(await askAs(rig, 'flood'))).toBe('queue-full');
  const calm = askAs(rig, 'calm');
  const pushedOut = await Promise.race(flood);
  expect([pushedOut.status, codeOf(pushedOut), rig.gateway.path.queueDepth]).toEqual([429, 'queue-full', 4]);
  for (let served = 0; served < 5; served += 1) {
    await until(() => held.length === served + 1);
    held[served]?.res.end('ok');
  }
  expect((await calm).status).toBe(200);
  expect((await Promise.all(flood)).map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 429]);
});

test('clients are counted by the classes of the contract, however many there are', async () => {
  const { rig, held } = await openWorld({ each: { concurrent: 1 }, named: { batch: { weight: 2 } } });
  const open = ['batch', 'a', 'b', 'c'].map((tenant) => askAs(rig, tenant));
  await until(() => held.length === 4);
  await askAs(rig, 'a');
  const { body } = await ask(rig.url, { method: 'GET', path: '/plimsoll/metrics' });
  for (const { res } of held) res.end('ok');
  await Promise.all(open);
  expect(body).toContain('plimsoll_gateway_client_requests_total{client="batch"} 1\n');
  expect(body).toContain('plimsoll_gateway_client_requests_total{client="others"} 3\n');
  expect(body).toContain('plimsoll_gateway_client_limited_total{client="others",limit="concurrent"} 1\n');
});

/** Reads the head of an answer and nothing more. */
function readHead(rig: GatewayRig): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const req = request(`${rig.url}/v2/models/digits/infer`, { method: 'POST', agent: false }, (res) => {
      res.pause();
      sockets.push(res.socket);
      resolve(res);
    });
    req.on('error', reject);
    req.end('large');
  });
}

test('answers that nobody reads take no seats from those who wait, and beyond that they are broken off', async () => {
  const large = Buffer.alloc(16 * 1024 * 1024);
  const upstream = await startUpstream((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => res.end(body === 'large' ? large : 'ok'));
  });
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), { replicaConcurrency: 2 });
  running.push(rig, upstream);
  const slow = await Promise.all([1, 2].map(() => readHead(rig)));
  const honest = ask(rig.url, { body: 'x' });
  await until(() => rig.gateway.path.queueDepth === 1 || upstream.seen.length === 3);
  rig.clock.skip(150);
  expect((await honest).status).toBe(200);
  // Two more of them take the seats that were lent: then the replica has none left to lend.
  const more = await Promise.all([1, 2].map(() => readHead(rig)));
  const late = ask(rig.url, { body: 'x' });
  await until(() => rig.gateway.path.queueDepth === 1 || upstream.seen.length === 6);
  rig.clock.skip(1_200);
  expect((await late).status).toBe(200);
  for (const res of [...slow, ...more]) res.on('error', () => undefined).destroy();
  await until(() => rig.gateway.path.inFlight === 0);
  for (const replica of rig.gateway.path.routes.replicas) expect(replica.lentSeats).toBe(0);
});

test('a reader that goes on in time has its whole answer, though its seat was lent', async () => {
  const large = Buffer.alloc(16 * 1024 * 1024, 'z');
  const upstream = await startUpstream((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => res.end(body === 'large' ? large : 'ok'));
  });
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), { replicaConcurrency: 1 });
  running.push(rig, upstream);
  const slow = await readHead(rig);
  const honest = ask(rig.url, { body: 'x' });
  await until(() => rig.gateway.path.queueDepth === 1 || upstream.seen.length === 2);
  rig.clock.skip(150);
  expect((await honest).status).toBe(200);
  let bytes = 0;
  slow.on('data', (chunk: Buffer) => (bytes += chunk.byteLength)).resume();
  await new Promise((resolve) => slow.once('end', resolve));
  expect(bytes).toBe(large.byteLength);
  await until(() => rig.gateway.path.openCount === 0);
});

test('heads that never end leave the places of connections to whoever asks', async () => {
  const upstream = await startUpstream((req, res) => void req.resume().on('end', () => res.end('ok')));
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), { maxConnections: 20 });
  running.push(rig, upstream);
  for (let round = 0; round < 4; round += 1) {
    for (let n = 0; n < 30; n += 1) {
      const socket = connect(rig.port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      socket.write('POST /v2/models/digits/infer HTTP/1.1\r\nhost: h\r\nx-half: ');
      await new Promise((resolve) => socket.once('connect', resolve));
    }
    expect((await ask(rig.url, { body: 'x' })).status).toBe(200);
  }
});
