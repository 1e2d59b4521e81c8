/** What clients say that no sound request says: one answer to each, and nothing of it reaches a replica. */
import { afterEach, expect, test } from 'vitest';
import {
  ask,
  makeTable,
  openSocket,
  speakRaw,
  startGateway,
  startUpstream,
  until,
} from '../../testing/rigs/gateway-rig.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

async function rigOf() {
  const upstream = await startUpstream((req, res) => req.resume().on('end', () => res.end('ok')));
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]));
  running.push(rig, upstream);
  return { rig, upstream };
}

const post = 'POST /v2/models/m/infer HTTP/1.1\r\nhost: h\r\n';
const get = 'GET /v2 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n';

test.each(['/v2/models/m/infer', '/plimsoll/live'])(
  'a refused request to %s whose body breaks has no second answer',
  async (path) => {
    const { rig } = await rigOf();
    const head = `${post.replace('/v2/models/m/infer', path)}plimsoll-replay: 1\r\ntransfer-encoding: chunked\r\n\r\n`;
    const answer = await speakRaw(rig.port, `${head}no chunk\r\n`);
    expect(answer.match(/^HTTP\/1\.1 \d+/gm)).toHaveLength(1);
  },
);

test.each([
  ['CONNECT h:443 HTTP/1.1\r\nhost: h\r\n\r\n'],
  ['GET /v2 HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
])('the answer to %j is not sent in place of that to a request before it', async (second) => {
  const upstream = await startUpstream((_req, res) => void setTimeout(() => res.end('late'), 50));
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]));
  running.push(rig, upstream);
  expect(await speakRaw(rig.port, `GET /v2 HTTP/1.1\r\nhost: h\r\n\r\n${second}`)).toBe('');
  await until(() => rig.gateway.path.openCount === 0);
});

test('a client that resets its connection after CONNECT ends nothing else', async () => {
  const { rig } = await rigOf();
  for (let n = 0; n < 20; n += 1) {
    const socket = await openSocket(rig.port);
    socket.write('CONNECT h:443 HTTP/1.1\r\nhost: h\r\n\r\n');
    socket.resetAndDestroy();
  }
  // An error of a connection that nobody listens for would end the process, and fails this run.
  expect((await ask(rig.url, { body: 'x' })).body).toBe('ok');
});

test('what follows an offer of h2c in the same packet is read, body and all', async () => {
  const { rig, upstream } = await rigOf();
  const offer = `${post}connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AA\r\ncontent-length: 1\r\n\r\nx`;
  const answer = await speakRaw(rig.port, offer + post + 'content-length: 1\r\n\r\ny' + get);
  expect(answer.match(/HTTP\/1\.1 \d+/gm)).toEqual(Array.from({ length: 3 }, () => 'HTTP/1.1 200'));
  expect(upstream.seen.map(({ headers }) => headers['http2-settings'])).toEqual([undefined, undefined, undefined]);
});

test.each(['0.9', '2.0', '1.2'])('a request of HTTP/%s is refused', async (version) => {
  const { rig, upstream } = await rigOf();
  expect(await speakRaw(rig.port, get.replace('1.1', version))).toMatch(/^HTTP\/1\.1 400 /);
  expect(await speakRaw(rig.port, get.replace(' HTTP/1.1', ''))).toMatch(/^HTTP\/1\.1 400 /);
  expect(upstream.seen).toHaveLength(0);
});

test('a chunked body without a chunk goes through', async () => {
  const { rig, upstream } = await rigOf();
  const wire = `${post}connection: close\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`;
  expect(await speakRaw(rig.port, wire)).toMatch(/^HTTP\/1\.1 200 /);
  expect(upstream.seen[0]?.complete).toBe(true);
});

const ambiguous = 'transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';

test.each([
  ['a path that is not its own', 'POST /v9 HTTP/1.1\r\nhost: h\r\n'],
  ['a method that is not passed on', 'TRACE /v2 HTTP/1.1\r\nhost: h\r\n'],
  ['a path of the gateway', 'GET /plimsoll/live HTTP/1.1\r\nhost: h\r\n'],
  ['an expectation that nobody knows', `${post}expect: x\r\n`],
  ['a replay', `${post}plimsoll-replay: 1\r\n`],
])('nothing is read behind a body without a plain end, though %s is refused as well', async (_, head) => {
  const { rig, upstream } = await rigOf();
  const answer = await speakRaw(rig.port, `${head}${ambiguous}${get}`);
  expect(answer.match(/HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 501']);
  expect(upstream.seen).toHaveLength(0);
});

test('no field that only a gateway says reaches a replica from a client, known or not', async () => {
  const { rig, upstream } = await rigOf();
  const names = ['plimsoll-shadow', 'Plimsoll-Release', 'plimsoll-of-tomorrow'];
  await ask(rig.url, { body: 'x', headers: Object.fromEntries(names.map((name) => [name, '1'])) });
  const passed = Object.keys(upstream.seen[0]?.headers ?? {}).filter((name) => name.startsWith('plimsoll-'));
  expect(passed).toEqual(['plimsoll-deadline-ms']);
});
