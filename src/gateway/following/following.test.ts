import { existsSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { buildConnector } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { gatewayReportSchema, type GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import { ask, makeTable, startUpstream, until } from '../../testing/rigs/gateway-rig.ts';
import { runGateway } from '../run-gateway.ts';
import { gatewayDefaults } from '../settings.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

interface FakeControlPlane {
  readonly port: number;
  readonly reports: GatewayReport[];
  readonly tokens: (string | undefined)[];
  readonly streams: Set<ServerResponse>;
  send(data: string): void;
  stop(): Promise<void>;
}

/** Says `first` to each gateway that connects, then what the test sends. */
async function startControlPlane(
  first: RoutingTable | null,
  port = 0,
  recorded?: () => number,
): Promise<FakeControlPlane> {
  const streams = new Set<ServerResponse>();
  const reports: GatewayReport[] = [];
  const tokens: (string | undefined)[] = [];
  const server: Server = createServer((req, res) => {
    tokens.push(req.headers.authorization);
    const [path, query] = (req.url ?? '').split('?', 2);
    if (query !== 'service=digits&environment=default') res.writeHead(404).end();
    else if (path === '/v1/gateways/gateway-1/routing') {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(first === null ? ': hello\n\n' : `event: routing\ndata: ${JSON.stringify(first)}\n\n`);
      streams.add(res);
      res.on('close', () => streams.delete(res));
    } else if (path === '/v1/gateways/gateway-1/report' && req.method === 'POST') {
      void json(req).then((body) => {
        reports.push(gatewayReportSchema.parse(body));
        res.writeHead(204, recorded === undefined ? {} : { 'plimsoll-counts-recorded': String(recorded()) }).end();
      });
    } else res.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  running.push(stop);
  const send = (data: string): void => streams.forEach((res) => void res.write(`event: routing\ndata: ${data}\n\n`));
  return { port: (server.address() as AddressInfo).port, reports, tokens, streams, send, stop };
}

async function stateFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-gateway-'));
  running.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface Running {
  readonly url: string;
  readonly log: string[];
  stop(): Promise<void>;
}

async function start(folder: string, controlPlanePort: number, token: string | null = null): Promise<Running> {
  const stopping = new AbortController();
  const log: string[] = [];
  let opened: (url: string) => void = () => undefined;
  const url = new Promise<string>((resolve) => (opened = resolve));
  const done = runGateway(
    {
      settings: {
        ...gatewayDefaults,
        gatewayId: 'gateway-1',
        service: 'digits',
        environment: 'default',
        listen: { host: '127.0.0.1', port: 0 },
        drainTimeoutMs: 500,
        reportIntervalMs: 40,
      },
      clock: systemClock,
      random: systemRandom,
      log: (event, facts) => void log.push(`${event} ${JSON.stringify(facts)}`),
      capture: null,
      clientKeys: null,
      identity: 'host:boot:1:1',
      stateFolder: folder,
      writeDurably,
      controlPlaneUrl: `http://127.0.0.1:${controlPlanePort}`,
      token: async () => token,
      connect: buildConnector({ timeout: 2_000 }),
      listening: (address) => Promise.resolve(opened(address)),
    },
    stopping.signal,
  );
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    stopping.abort();
    await done;
  };
  running.push(stop);
  return { url: await url, log, stop };
}

async function good(text: string): Promise<string> {
  const upstream = await startUpstream((_req, res) => res.end(text));
  running.push(() => upstream.stop());
  return upstream.endpoint;
}

const statusOf = async (url: string): Promise<number> => (await ask(url, { method: 'GET', path: '/v2' })).status;

test('applies a generation, acknowledges it at once, and keeps it on disk', async () => {
  const folder = await stateFolder();
  const table = makeTable([{ endpoints: [await good('ok')] }], { generation: 7 });
  const plane = await startControlPlane(table);
  const gateway = await start(folder, plane.port);
  await until(() => plane.reports.some((report) => report.acknowledgedGeneration === 7));
  expect((await ask(gateway.url, { body: 'x' })).body).toBe('ok');
  const kept = path.join(folder, 'run', 'routing-gateway-1.json');
  // It is acknowledged before it is on disk: a slow disk delays no request.
  await until(() => existsSync(kept));
  expect(JSON.parse(await readFile(kept, 'utf8'))).toEqual({ format: 1, table });
  expect(await (await fetch(`${gateway.url}/plimsoll/ready`)).json()).toEqual({
    ready: true,
    generation: 7,
    replicas: 1,
  });
});

test('never goes back, and refuses what is not its own or not a table', async () => {
  const folder = await stateFolder();
  const plane = await startControlPlane(makeTable([{ endpoints: [await good('7')] }], { generation: 7 }));
  const gateway = await start(folder, plane.port);
  await until(() => plane.streams.size === 1 && gateway.log.some((line) => line.startsWith('routing.applied')));
  const six = makeTable([{ endpoints: [await good('6')] }], { generation: 6 });
  plane.send(JSON.stringify(six));
  plane.send(JSON.stringify({ ...six, generation: 8, service: 'other' }));
  plane.send('{"generation": 9}');
  plane.send('{');
  await until(() => gateway.log.filter((line) => line.startsWith('routing.refused')).length === 4);
  expect((await ask(gateway.url, { body: 'x' })).body).toBe('7');
  plane.send(JSON.stringify({ ...six, generation: 8 }));
  await until(() => plane.reports.at(-1)?.acknowledgedGeneration === 8);
  expect((await ask(gateway.url, { body: 'x' })).body).toBe('6');
});

test('serves on when the control plane goes, and follows it again when it is back', async () => {
  const folder = await stateFolder();
  const old = makeTable([{ endpoints: [await good('old')] }], { generation: 1 });
  const plane = await startControlPlane(old);
  const gateway = await start(folder, plane.port);
  await until(() => plane.reports.some((report) => report.acknowledgedGeneration === 1));
  await plane.stop();
  await until(() => gateway.log.some((line) => line.startsWith('control-plane.away')));
  expect((await ask(gateway.url, { body: 'x' })).body).toBe('old');
  const back = await startControlPlane(makeTable([{ endpoints: [await good('new')] }], { generation: 2 }), plane.port);
  await until(() => back.reports.some((report) => report.acknowledgedGeneration === 2));
  expect((await ask(gateway.url, { body: 'x' })).body).toBe('new');
});

test('restarted without a control plane, it serves with the generation that it kept', async () => {
  const folder = await stateFolder();
  const plane = await startControlPlane(makeTable([{ endpoints: [await good('kept')] }], { generation: 5 }));
  const first = await start(folder, plane.port);
  await until(() => plane.reports.some((report) => report.acknowledgedGeneration === 5));
  // At once: it ends only when what it applied is on disk.
  await first.stop();
  await plane.stop();
  const second = await start(folder, plane.port);
  expect((await ask(second.url, { body: 'x' })).body).toBe('kept');
  expect(await statusOf(second.url)).toBe(200);
});

test('a gateway that knows nothing yet says so', async () => {
  const plane = await startControlPlane(null);
  const gateway = await start(await stateFolder(), plane.port, 'secret');
  expect(await statusOf(gateway.url)).toBe(503);
  expect((await fetch(`${gateway.url}/plimsoll/ready`)).status).toBe(503);
  expect((await fetch(`${gateway.url}/plimsoll/live`)).status).toBe(200);
  await until(() => plane.tokens.length > 1);
  expect(new Set(plane.tokens)).toEqual(new Set(['Bearer secret']));
  expect(plane.reports.every((report) => report.acknowledgedGeneration === 0)).toBe(true);
});

test('reports counters since the start and latencies since the last report', async () => {
  const plane = await startControlPlane(makeTable([{ release: 4, endpoints: [await good('ok')] }], { generation: 1 }));
  const gateway = await start(await stateFolder(), plane.port);
  await until(() => plane.reports.some((report) => report.acknowledgedGeneration === 1));
  for (let n = 0; n < 5; n += 1) await ask(gateway.url, { body: 'x' });
  await ask(gateway.url, { path: '/nowhere', body: 'x' });
  await until(() => plane.reports.at(-1)?.arrivals === 6);
  const counted = plane.reports.reduce((sum, report) => sum + (report.releases[0]?.latencyP50Ms === null ? 0 : 1), 0);
  expect(counted).toBeGreaterThan(0);
  await until(() => plane.reports.at(-1)?.releases[0]?.latencyP50Ms === null);
  expect(plane.reports.at(-1)).toMatchObject({
    gatewayId: 'gateway-1',
    address: gateway.url,
    pid: process.pid,
    arrivals: 6,
    answered: 5,
    rejected: 0,
    failed: 0,
    queueDepth: 0,
    inFlight: 0,
    releases: [{ release: 4, requests: 5, errors: 0 }],
  });
});

/** Each interval once; one that comes again must be the same. */
function unitsOf(reports: readonly GatewayReport[]): number {
  const bySequence = new Map<number, number>();
  for (const { counts = [] } of reports) {
    for (const { sequence, releases } of counts) {
      const units = releases.reduce((sum, { units: { warm, cold } }) => sum + warm.units + cold.units, 0);
      expect(bySequence.get(sequence) ?? units).toBe(units);
      bySequence.set(sequence, units);
    }
  }
  return [...bySequence.values()].reduce((sum, units) => sum + units, 0);
}

test('counts for the judge are whole after an outage, and an interval that comes twice has the same number', async () => {
  const canary = { release: 4, against: 3, step: 0, startedAtMs: 1 };
  const table = makeTable([{ release: 4, endpoints: [await good('ok')] }], { canary });
  const plane = await startControlPlane(table);
  const gateway = await start(await stateFolder(), plane.port);
  await until(() => plane.reports.some((report) => report.acknowledgedGeneration === 1));
  const asks = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n += 1) await ask(gateway.url, { body: 'x' });
  };
  await asks(3);
  await until(() => plane.reports.some((report) => report.counts !== undefined));
  await plane.stop();
  await until(() => gateway.log.some((line) => line.startsWith('control-plane.away')));
  await asks(20);
  const back = await startControlPlane(table, plane.port);
  await asks(4);
  await until(() => unitsOf([...plane.reports, ...back.reports]) === 27);
});

test('a table that an older version kept is served on with: it has no key, no shadow and no step', async () => {
  const folder = await stateFolder();
  const endpoint = await good('kept');
  // Written out, so that a field which becomes required later breaks this test.
  const table = {
    service: 'digits',
    environment: 'default',
    generation: 5,
    protocol: 'open-inference-v2',
    model: 'digits',
    splits: [{ release: 3, modelVersion: 2, share: 1, replicas: [{ replicaId: 'r', endpoint }] }],
    starting: false,
    issuedAtMs: 0,
  };
  await mkdir(path.join(folder, 'run'), { recursive: true });
  await writeFile(path.join(folder, 'run', 'routing-gateway-1.json'), JSON.stringify({ format: 1, table }));
  const plane = await startControlPlane(null);
  const gateway = await start(folder, plane.port);
  const answer = await ask(gateway.url, { body: 'x', headers: { 'x-user': 'anna' } });
  expect([answer.body, answer.headers['plimsoll-release']]).toEqual(['kept', '3']);
  await until(() => plane.reports.length > 1);
  expect(plane.reports.every((report) => report.counts === undefined)).toBe(true);
  expect(plane.reports.at(-1)?.acknowledgedGeneration).toBe(5);
});

test('what one gateway counted before it left is with the control plane, windows of keys too', async () => {
  const canary = { release: 4, against: 3, step: 0, startedAtMs: 1 };
  const splits = [
    { release: 3, share: 0.5, endpoints: [await good('a')] },
    { release: 4, share: 0.5, endpoints: [await good('b')] },
  ];
  const plane = await startControlPlane(makeTable(splits, { canary, stickyBy: { header: 'x-user' } }));
  const gateway = await start(await stateFolder(), plane.port);
  await until(() => plane.reports.some((report) => report.acknowledgedGeneration === 1));
  for (let n = 0; n < 30; n += 1) await ask(gateway.url, { body: 'x', headers: { 'x-user': `user-${n % 10}` } });
  await ask(gateway.url, { body: 'x' });
  // The windows are open for 10 s more: leaving closes them.
  await gateway.stop();
  expect(unitsOf(plane.reports)).toBe(11);
});

test('counts that were told and not recorded are told again, the same, until they are', async () => {
  const canary = { release: 4, against: 3, step: 0, startedAtMs: 1 };
  const table = makeTable([{ release: 4, endpoints: [await good('ok')] }], { canary });
  let recorded = 0;
  const plane = await startControlPlane(table, 0, () => recorded);
  const gateway = await start(await stateFolder(), plane.port);
  await until(() => plane.reports.some((report) => report.acknowledgedGeneration === 1));
  for (let n = 0; n < 3; n += 1) await ask(gateway.url, { body: 'x' });
  const told = () => plane.reports.flatMap(({ counts = [] }) => counts).map(({ sequence }) => sequence);
  await until(() => told().length > 3);
  expect(new Set(told())).toEqual(new Set([1]));
  recorded = 1;
  await ask(gateway.url, { body: 'x' });
  await until(() => told().at(-1) === 2);
  // Leaving, it waits for the record of the rest.
  const stopped = gateway.stop();
  const before = plane.reports.length;
  await until(() => plane.reports.length > before + 1);
  recorded = 2;
  await stopped;
  expect(unitsOf(plane.reports)).toBe(4);
});
