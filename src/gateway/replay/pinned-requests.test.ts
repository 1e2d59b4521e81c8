import { createHmac } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { replayHeader, replayText } from '../../schemas/gateway/golden-replay.ts';
import { ask, makeTable, startGateway, startUpstream, type GatewayRig } from '../../testing/rigs/gateway-rig.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

const key = 'a key that gateways are told';
const idOf = (endpoint: string): string => `replica-${new URL(endpoint).port}`;
function signed(replicaId: string, requestId: string, by = key): Record<string, string> {
  const hmac = createHmac('sha256', by).update(replayText(requestId, replicaId)).digest('hex');
  return { 'x-request-id': requestId, [replayHeader]: `${hmac}.${replicaId}` };
}

async function upstream(status = 200) {
  const made = await startUpstream((req, res) => {
    req.resume().on('end', () => res.writeHead(status, { 'x-own': 'kept' }).end('{"outputs":[]}'));
  });
  running.push(() => made.stop());
  return made;
}

async function gateway(
  endpoints: readonly string[],
  parts: Parameters<typeof startGateway>[2] = {},
): Promise<GatewayRig> {
  const rig = await startGateway(makeTable([{ endpoints }]), {}, parts);
  rig.gateway.path.pinned.setKey(key);
  running.push(() => rig.stop());
  return rig;
}

test('a replay goes to the replica that it names, each time, and its answer says so', async () => {
  const [one, other] = [await upstream(), await upstream()];
  const rig = await gateway([one.endpoint, other.endpoint]);
  for (let n = 0; n < 6; n += 1) {
    const headers = signed(idOf(other.endpoint), `golden-number-${n}`);
    const answer = await ask(rig.url, { headers, body: '{"inputs":[]}' });
    expect(answer).toMatchObject({ status: 200, body: '{"outputs":[]}' });
    expect(answer.headers).toMatchObject({ [replayHeader]: idOf(other.endpoint), 'x-own': 'kept' });
  }
  expect([one.seen.length, other.seen.length]).toEqual([0, 6]);
  expect(other.seen[0]?.headers).not.toHaveProperty(replayHeader);
  expect(other.seen[0]?.headers).toMatchObject({ 'x-request-id': 'golden-number-0', 'content-length': '13' });
});

test('it is in no count but its own, and needs no client key', async () => {
  const end = await upstream(500);
  const missing = { find: () => ({ refused: 'key-missing' as const }) };
  const clientKeys = { of: () => missing, ...missing };
  const rig = await gateway([end.endpoint], { clientKeys: clientKeys as never });
  const before = rig.gateway.report();
  const answer = await ask(rig.url, { headers: signed(idOf(end.endpoint), 'golden-number-1'), body: 'x' });
  expect(answer.status).toBe(500);
  const { atMs: _, residentBytes: __, replicas, scaling, ...after } = rig.gateway.report();
  const { atMs: ___, residentBytes: ____, replicas: replicasBefore, scaling: scalingBefore, ...as } = before;
  expect(after).toEqual(as);
  expect({ ...scaling, upMs: 0 }).toEqual({ ...scalingBefore, upMs: 0 });
  const { goldenMs = 0 } = replicas[0]?.work ?? {};
  // The time that the replica had it is told as such.
  expect(replicas).toEqual(
    replicasBefore.map((each) => ({ ...each, work: { ...each.work, busyMs: goldenMs, goldenMs } })),
  );
  const [replica] = rig.gateway.path.routes.replicas;
  expect(replica).toMatchObject({ requests: 0, inFlight: 0, golden: { requests: 1 } });
});

test.each([
  ['another key', (id: string) => signed(id, 'golden-number-1', 'another key')],
  [
    'another replica than was signed',
    (id: string) => ({
      ...signed('other', 'golden-number-1'),
      [replayHeader]: signed('other', 'golden-number-1')[replayHeader]!.replace('other', id),
    }),
  ],
  [
    'another request id than was signed',
    (id: string) => ({ ...signed(id, 'golden-number-1'), 'x-request-id': 'golden-number-2' }),
  ],
  ['no request id', (id: string) => ({ [replayHeader]: signed(id, '')[replayHeader] ?? '' })],
  ['no signature', (id: string) => ({ 'x-request-id': 'golden-number-1', [replayHeader]: id })],
  ['nothing', () => ({ [replayHeader]: '' })],
  ['a long field', () => ({ [replayHeader]: 'ab.'.repeat(3_000) })],
])('a client that sends the field with %s is refused, and that is counted', async (_what, headersOf) => {
  const end = await upstream();
  const rig = await gateway([end.endpoint]);
  const answer = await ask(rig.url, { headers: headersOf(idOf(end.endpoint)), body: 'x' });
  expect([answer.status, JSON.parse(answer.body).code]).toEqual([403, 'replay-refused']);
  expect(end.seen).toEqual([]);
  expect(rig.gateway.path.signals.refused['replay-refused']).toBe(1);
});

test('a request id is taken once: who saw it on the way cannot send it again', async () => {
  const end = await upstream();
  const rig = await gateway([end.endpoint]);
  const headers = signed(idOf(end.endpoint), 'golden-number-1');
  expect((await ask(rig.url, { headers, body: 'x' })).status).toBe(200);
  expect((await ask(rig.url, { headers, body: 'x' })).status).toBe(403);
  expect(end.seen).toHaveLength(1);
});

test('without a key nothing is a replay; a replica that is not routed has no answer, and one that breaks off has one', async () => {
  const end = await upstream();
  const rig = await startGateway(makeTable([{ endpoints: [end.endpoint] }]));
  running.push(() => rig.stop());
  const of = (id: string, n: number) => ask(rig.url, { headers: signed(id, `golden-number-${n}`), body: 'x' });
  expect((await of(idOf(end.endpoint), 1)).status).toBe(403);
  rig.gateway.path.pinned.setKey(key);
  const nobody = await of('replica-of-nobody', 2);
  expect([nobody.status, nobody.headers[replayHeader]]).toEqual([503, undefined]);
  await end.stop();
  const broken = await of(idOf(end.endpoint), 3);
  expect([broken.status, JSON.parse(broken.body).code]).toEqual([502, 'replica-broken']);
});
