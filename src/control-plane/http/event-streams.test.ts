import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asGateway, asOperator } from '../../testing/rigs/control-plane-server.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { testEnvironment, testService } from '../../testing/builders/rollout-builders.ts';
import type { Server } from './http-parts.ts';

interface Read {
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly id: string | undefined;
}

let rig: ControlPlaneRig;
let server: Server;
let url: string;
const closing = new Set<AbortController>();
beforeEach(async () => {
  rig = new ControlPlaneRig();
  await rig.start();
  server = await rig.server();
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  for (const each of closing) each.abort();
  closing.clear();
  await rig.stop();
  await server.close();
});

/** Reads server-sent events until `enough` says so. */
async function read(
  path: string,
  enough: (events: readonly Read[]) => boolean,
  headers: Readonly<Record<string, string>> = {},
  opened: () => Promise<void> = async () => undefined,
): Promise<readonly Read[]> {
  const abort = new AbortController();
  closing.add(abort);
  const credential = path.startsWith('/v1/gateways/') ? asGateway : {};
  const answer = await fetch(new URL(path, url), { headers: { ...credential, ...headers }, signal: abort.signal });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const events: Read[] = [];
  let text = '';
  let told = false;
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString('utf8');
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    events.push(...blocks.filter((block) => !block.startsWith(':')).map(parse));
    if (!told) {
      told = true;
      await opened();
    }
    if (enough(events)) break;
  }
  abort.abort();
  return events;
}

function parse(block: string): Read {
  const line = (name: string) =>
    block
      .split('\n')
      .find((each) => each.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  return { event: line('event') ?? '', data: JSON.parse(line('data') ?? '{}') as Read['data'], id: line('id') };
}

const bringIn = async (model: number): Promise<void> => {
  await rig.operations().release(await aReleaseRequest(rig.blobs, model));
  await rig.pass(3_000);
};

describe('the stream of a gateway', () => {
  it('begins with the newest generation, and goes on with each further one', async () => {
    await bringIn(1);
    const first = rig.service.routing()?.generation ?? 0;
    const tables = await read(
      '/v1/gateways/g1/routing',
      (events) => events.some((each) => each.data['generation'] === first + 1),
      {},
      () => bringIn(2),
    );
    expect(tables.map((each) => each.data['generation'])).toEqual([first, first + 1]);
    expect(tables.every((each) => each.event === 'routing')).toBe(true);
  });

  it('holds nothing back and sends nothing made up before the first generation', async () => {
    const tables = await read(
      '/v1/gateways/g1/routing',
      (events) => events.length > 0,
      {},
      () => bringIn(1),
    );
    expect(tables[0]?.data['generation']).toBe(1);
  });
});

describe('the stream of the page', () => {
  it('begins with the whole view, then tells events after they are recorded', async () => {
    const events = await read(
      '/v1/stream',
      (seen) => seen.some((each) => each.data['kind'] === 'release.live'),
      {},
      () => bringIn(1),
    );
    expect(events[0]).toMatchObject({ event: 'view', data: { service: 'digits', deployment: null } });
    const told = events.filter((each) => each.event === 'event');
    const recorded = await rig.store.events({ afterSeq: Number(told[0]?.id) - 1 });
    expect(told.map((each) => each.data)).toEqual(recorded.slice(0, told.length));
    expect(events.some((each) => each.event === 'view' && each.data['deployment'] !== null)).toBe(true);
  });

  it('makes good what was missed, from the last event that was seen', async () => {
    await bringIn(1);
    const [first] = await rig.store.events({});
    const all = await rig.store.events({ afterSeq: first?.seq ?? 0 });
    const events = await read(
      '/v1/stream',
      (seen) => seen.filter((each) => each.event === 'event').length === all.length,
      { 'last-event-id': String(first?.seq) },
    );
    expect(events.filter((each) => each.event === 'event').map((each) => each.data['seq'])).toEqual(
      all.map((e) => e.seq),
    );
  });

  it('takes a bounded number of readers of one credential, whatever gateways they say that they are', async () => {
    const readers = await Promise.all(
      Array.from({ length: 257 }, async (_, at) => {
        const abort = new AbortController();
        closing.add(abort);
        // The answer is kept: the stream of one that is forgotten is closed.
        return fetch(`${url}/v1/gateways/g${at}/routing`, { headers: asGateway, signal: abort.signal });
      }),
    );
    expect(readers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(rig.service.routingStreams.size).toBe(200);
  });
});

describe('the report of a gateway', () => {
  const report = {
    gatewayId: 'g1',
    address: 'http://127.0.0.1:8080',
    pid: 7,
    startedAtMs: 1,
    acknowledgedGeneration: 3,
    atMs: 2,
    residentBytes: 1,
    queueDepth: 0,
    inFlight: 0,
    arrivals: 0,
    answered: 0,
    rejected: 0,
    failed: 0,
    retried: 0,
    releases: [],
    replicas: [],
  };
  const send = (id: string, body: unknown) =>
    fetch(`${url}/v1/gateways/${id}/report`, {
      method: 'POST',
      headers: { ...asGateway, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('makes it known to the view', async () => {
    expect((await send('g1', report)).status).toBe(204);
    const view = (await (await fetch(`${url}/v1/view`)).json()) as Record<string, unknown>;
    expect(view['gateways']).toMatchObject([{ gatewayId: 'g1', acknowledgedGeneration: 3 }]);
    expect(view['gatewayUrl']).toBe('http://127.0.0.1:8080');
  });

  it('is refused under the name of another gateway, or in another shape', async () => {
    expect((await send('g2', report)).status).toBe(400);
    expect((await send('g1', { ...report, inFlight: 'many' })).status).toBe(400);
  });
});

describe('a reader with too many streams', () => {
  it('loses its oldest, and takes no place from others', async () => {
    const abort = new AbortController();
    closing.add(abort);
    const open = (headers = {}) => fetch(new URL('/v1/stream', url), { headers, signal: abort.signal });
    const first = await open();
    const others = await Promise.all(Array.from({ length: 64 }, () => open()));
    expect(others.every(({ ok }) => ok)).toBe(true);
    // The first is ended, so that it reads to its end; it would hang here otherwise.
    expect(await first.text()).toContain('event: view');
    expect(rig.service.pageStreams.size).toBe(64);
    const operator = await open(asOperator);
    expect([operator.status, rig.service.pageStreams.size]).toEqual([200, 65]);
  });
});

describe('a list of events', () => {
  it('is a thousand at most, and says so where there are more', async () => {
    const lease = await rig.store.leases.current(rig.lease);
    if (lease === null) throw new Error('the control plane holds the lease');
    await rig.store.transaction(lease, async (tx) => {
      for (let at = 0; at < 1_200; at += 1) {
        await tx.appendEvent({
          service: testService,
          environment: testEnvironment,
          kind: 'journal.damaged',
          summary: 'x',
          by: 'a test',
          atMs: at,
          data: { what: 'x' },
        });
      }
    });
    const answer = await fetch(new URL('/v1/events?last=10000', url));
    expect([((await answer.json()) as unknown[]).length, answer.headers.get('plimsoll-more')]).toEqual([1_000, 'true']);
    const few = await fetch(new URL('/v1/events?last=10', url));
    expect([((await few.json()) as unknown[]).length, few.headers.get('plimsoll-more')]).toEqual([10, null]);
  });
});
