import { afterEach, expect, test } from 'vitest';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { stickyPlace, stickySalt } from '../../core/rollout/routing/sticky-choice.ts';
import {
  ask,
  makeTable,
  startGateway,
  startUpstream,
  until,
  type GatewayRig,
  type Upstream,
} from '../../testing/rigs/gateway-rig.ts';
import type { CaptureSinks, CapturedMessage, FinishedCapture } from './capture-sink.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

async function upstream(answer: Parameters<typeof startUpstream>[0]): Promise<Upstream> {
  const made = await startUpstream(answer);
  running.push(() => made.stop());
  return made;
}

class Recorder implements CaptureSinks {
  readonly offered: FinishedCapture[] = [];
  limitBytes = 0;
  of(): ReturnType<CaptureSinks['of']> {
    const counts = { captured: 0, dropped: 0 };
    return {
      counts,
      limit: (spoolBytes) => void (this.limitBytes = spoolBytes),
      offer: (capture) => void this.offered.push(capture),
    };
  }
  forget(): void {}
}

type Random = () => number;

async function gateway(
  table: RoutingTable,
  settings: Parameters<typeof startGateway>[1] = {},
  random: Random = Math.random,
): Promise<{ rig: GatewayRig; recorder: Recorder }> {
  const recorder = new Recorder();
  const rig = await startGateway(table, settings, { capture: recorder, random });
  running.push(() => rig.stop());
  return { rig, recorder };
}

const capture = (sampleShare: number, controlShare: number, maxBodyBytes = 20): Partial<RoutingTable> => ({
  capture: { sampleShare, controlShare, maxBodyBytes, spoolBytes: 2 ** 20 },
});
const textOf = ({ body }: CapturedMessage): string => Buffer.concat(body.chunks).toString();
const idOf = ({ endpoint }: Upstream): string => `replica-${new URL(endpoint).port}`;

test('a sampled request is handed on whole, cut at its bound, a stream too', async () => {
  const end = await upstream((req, res) => {
    req.resume().on('end', () => {
      res.setHeader('content-type', 'text/event-stream');
      if (req.headers['content-length'] !== '150') return res.end('answer');
      res.write('data: one,');
      setTimeout(() => res.end('data: two'), 5);
    });
  });
  const table = makeTable([{ release: 3, modelVersion: 7, endpoints: [end.endpoint] }], capture(1, 0));
  const { rig, recorder } = await gateway(table, { bufferedBodyBytes: 100 });
  await ask(rig.url, { path: '/v2/health/ready', method: 'GET' });
  const path = '/v2/models/digits/infer?user=ada';
  await ask(rig.url, { path, body: 'question', headers: { 'x-request-id': 'id-1' } });
  await ask(rig.url, { body: 'y'.repeat(150) });
  await until(() => recorder.offered.length === 2);
  expect(recorder.limitBytes).toBe(2 ** 20);
  const [one, stream] = recorder.offered as [FinishedCapture, FinishedCapture];
  const facts = { release: 3, modelVersion: 7, replicaId: idOf(end), status: 200, sampled: true, control: null };
  expect(one).toMatchObject({ ...facts, requestId: 'id-1', method: 'POST', path: '/v2/models/digits/infer' });
  expect([textOf(one.request), textOf(one.response)]).toEqual(['question', 'answer']);
  expect([one.request.body.cut, one.response.body.cut, one.complete]).toEqual([false, false, true]);
  expect(Math.abs(one.arrivedAtMs - Date.now())).toBeLessThan(30_000);
  expect([textOf(stream.request), textOf(stream.response)]).toEqual(['y'.repeat(20), 'data: one,data: two']);
  expect([stream.request.body.cut, stream.complete]).toEqual([true, true]);
  expect(stream.response.headers['content-type']).toBe('text/event-stream');
});

test('nothing is captured where the table asks for nothing, and a later table begins it', async () => {
  const end = await upstream((_req, res) => res.end('ok'));
  const { rig, recorder } = await gateway(makeTable([{ endpoints: [end.endpoint] }]), {}, () => 0);
  await ask(rig.url, { body: 'x' });
  rig.gateway.offer(makeTable([{ endpoints: [end.endpoint] }], { generation: 2, ...capture(1, 0) }));
  await ask(rig.url, { body: 'y' });
  await until(() => recorder.offered.length === 1);
  expect(recorder.offered.map(({ request }) => textOf(request))).toEqual(['y']);
});

test('an answer that broke off is not complete; a request that no replica was given is not captured', async () => {
  const end = await upstream((_req, res) => {
    res.writeHead(200, { 'content-length': '10' });
    res.write('half');
    setTimeout(() => res.destroy(), 10);
  });
  const { rig, recorder } = await gateway(makeTable([{ endpoints: [end.endpoint] }], capture(1, 0)));
  await expect(ask(rig.url, { body: 'x' })).rejects.toThrow();
  rig.gateway.offer(makeTable([], { generation: 2, starting: true, ...capture(1, 1) }));
  const waits = ask(rig.url, { body: 'y' });
  await until(() => rig.gateway.path.queueDepth === 1);
  rig.clock.skip(60_000);
  expect((await waits).status).toBe(504);
  expect(recorder.offered).toHaveLength(1);
  expect(recorder.offered[0]).toMatchObject({ complete: false, status: 200 });
});

test('one of the random share goes to the replica that was drawn, and the set is recorded', async () => {
  const [one, two] = [await upstream((_req, res) => res.end('1')), await upstream((_req, res) => res.end('2'))];
  // Of each request: the choice, then the draw.
  const numbers = [0.05, 0.4, 0.05, 0.6, 0.05, 0.4, 0.05, 0.4];
  const table = makeTable([{ endpoints: [one.endpoint, two.endpoint] }], capture(0, 0.1));
  const { rig, recorder } = await gateway(table, {}, () => numbers.shift() ?? 0.99);
  const answers = [];
  for (let n = 0; n < 5; n += 1) answers.push((await ask(rig.url, { body: 'x' })).body);
  expect(answers.slice(0, 4)).toEqual(['1', '2', '1', '1']);
  await until(() => recorder.offered.length === 4);
  expect(recorder.offered[1]).toMatchObject({
    sampled: false,
    replicaId: idOf(two),
    control: {
      drawn: idOf(two),
      outcome: 'answered',
      eligible: [
        { replicaId: idOf(one), release: 1, propensityShare: 0.5 },
        { replicaId: idOf(two), release: 1, propensityShare: 0.5 },
      ],
    },
  });
});

test('with one free replica nothing is drawn, and what is not sampled is not captured', async () => {
  const end = await upstream((_req, res) => res.end('ok'));
  const { rig, recorder } = await gateway(makeTable([{ endpoints: [end.endpoint] }], capture(0, 1)));
  await ask(rig.url, { body: 'x' });
  rig.gateway.offer(makeTable([{ endpoints: [end.endpoint] }], { generation: 2, ...capture(1, 1) }));
  await ask(rig.url, { body: 'x' });
  await until(() => recorder.offered.length === 1);
  expect(recorder.offered).toMatchObject([{ sampled: true, control: null }]);
});

test('a draw that breaks before its answer was retried; one that nobody answers is missing', async () => {
  const breaks = await upstream((req) => req.socket.destroy());
  const good = await upstream((_req, res) => res.end('ok'));
  const silent = await upstream(() => undefined);
  const table = makeTable([{ endpoints: [breaks.endpoint, good.endpoint] }], capture(0, 1));
  const { rig, recorder } = await gateway(table, {}, () => 0.1);
  expect((await ask(rig.url, { body: 'x' })).body).toBe('ok');
  rig.gateway.offer(makeTable([{ endpoints: [silent.endpoint, good.endpoint] }], { generation: 2, ...capture(0, 1) }));
  const late = ask(rig.url, { body: 'y' });
  await until(() => silent.seen.length === 1);
  rig.clock.skip(60_000);
  expect((await late).status).toBe(504);
  await until(() => recorder.offered.length === 2);
  expect(recorder.offered).toMatchObject([
    { replicaId: idOf(good), status: 200, complete: true, control: { drawn: idOf(breaks), outcome: 'retried' } },
    { replicaId: null, status: 0, complete: false, control: { drawn: idOf(silent), outcome: 'missing' } },
  ]);
});

test('a sticky key keeps its split: the draw is among its replicas', async () => {
  const ends = [];
  for (let n = 0; n < 4; n += 1) ends.push(await upstream((_req, res) => res.end('ok')));
  const [a, b, c, d] = ends as [Upstream, Upstream, Upstream, Upstream];
  const splits = [
    { release: 1, share: 0.5, endpoints: [a.endpoint, b.endpoint] },
    { release: 2, share: 0.5, endpoints: [c.endpoint, d.endpoint] },
  ];
  const table = makeTable(splits, { stickyBy: { header: 'x-user' }, ...capture(0, 1) });
  const salt = stickySalt(table);
  const user = Array.from({ length: 99 }, (_, n) => `user-${n}`).find((name) => stickyPlace(name, salt) < 0.5) ?? '';
  const { rig, recorder } = await gateway(table);
  for (let n = 0; n < 20; n += 1) await ask(rig.url, { body: 'x', headers: { 'x-user': user } });
  await ask(rig.url, { body: 'x' });
  await until(() => recorder.offered.length === 21);
  const sets = recorder.offered.map(({ control }) => control?.eligible.map(({ replicaId }) => replicaId).join());
  expect(new Set(sets.slice(0, 20))).toEqual(new Set([`${idOf(c)},${idOf(d)}`]));
  expect(sets[20]?.split(',')).toHaveLength(4);
  expect(recorder.offered[0]?.control?.eligible[0]?.propensityShare).toBe(0.5);
  expect(recorder.offered.map(({ stickyKey }) => stickyKey)).toEqual([...Array<string>(20).fill(user), null]);
});

test('one that waited is drawn among those that are free when its turn comes', async () => {
  const held: (() => void)[] = [];
  const ends = [];
  for (let n = 0; n < 2; n += 1) ends.push(await upstream((_req, res) => void held.push(() => res.end('ok'))));
  const endpoints = ends.map(({ endpoint }) => endpoint);
  const { rig, recorder } = await gateway(makeTable([{ endpoints }]), { replicaConcurrency: 1 });
  const first = [ask(rig.url, { body: 'x' }), ask(rig.url, { body: 'x' })];
  await until(() => held.length === 2);
  rig.gateway.offer(makeTable([{ endpoints }], { generation: 2, ...capture(0, 1) }));
  const waits = ask(rig.url, { body: 'y' });
  await until(() => rig.gateway.path.queueDepth === 1);
  held.shift()?.();
  await until(() => held.length === 2);
  for (const answer of held) answer();
  await Promise.all([...first, waits]);
  // A single one was free then: it was not drawn.
  expect(recorder.offered).toEqual([]);
});

test('the random share leaves the weights of all others alone', async () => {
  const [live, canary] = [await upstream((_req, res) => res.end('1')), await upstream((_req, res) => res.end('2'))];
  const splits = [
    { release: 1, share: 0.75, endpoints: [live.endpoint] },
    { release: 2, share: 0.25, endpoints: [canary.endpoint] },
  ];
  let asked = 0;
  // Every fifth number chooses the random share, and the next one draws the canary.
  const { rig, recorder } = await gateway(makeTable(splits, capture(0, 0.1)), {}, () => {
    asked += 1;
    return asked % 6 === 5 ? 0.05 : asked % 6 === 0 ? 0.9 : 0.5;
  });
  const others: string[] = [];
  for (let n = 0; n < 100; n += 1) {
    const { body, headers } = await ask(rig.url, { body: 'x', headers: { 'x-request-id': `id-${n}` } });
    if (n % 5 !== 4) others.push(body);
    else expect([body, headers['plimsoll-release']]).toEqual(['2', '2']);
  }
  await until(() => recorder.offered.length === 20);
  expect(others.filter((body) => body === '2')).toHaveLength(20);
});
