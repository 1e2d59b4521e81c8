import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildConnector } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import type { GatewayReports, GatewayReportsAnswer } from '../../schemas/gateway/gateway-fleet.ts';
import { makeList, startFleetPlane, tableOf, type FleetPlane } from '../../testing/rigs/fleet-gateway-rig.ts';
import { ask, makeRigParts, rigSettings, startUpstream, until } from '../../testing/rigs/gateway-rig.ts';
import { runFleetGateway } from './run-fleet-gateway.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

async function planeOf(port = 0, answer?: (reports: GatewayReports) => GatewayReportsAnswer): Promise<FleetPlane> {
  const plane = await startFleetPlane(port, answer);
  running.push(() => plane.stop());
  return plane;
}

async function stateFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-fleet-'));
  running.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface Running {
  readonly url: string;
  readonly log: string[];
  stop(): Promise<void>;
}

async function start(folder: string, port: number): Promise<Running> {
  const stopping = new AbortController();
  const made = makeRigParts(systemClock);
  let opened: (url: string) => void = () => undefined;
  const url = new Promise<string>((resolve) => (opened = resolve));
  const done = runFleetGateway(
    {
      ...made,
      capture: null,
      settings: { ...rigSettings, reportIntervalMs: 40 },
      stateFolder: folder,
      writeDurably,
      controlPlaneUrl: `http://127.0.0.1:${port}`,
      token: async () => null,
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
  return { url: await url, log: made.lines, stop };
}

async function replica(text: string): Promise<string> {
  const upstream = await startUpstream((_req, res) => res.end(text));
  running.push(() => upstream.stop());
  return upstream.endpoint;
}

const bodyOf = async ({ url }: Running, service: string): Promise<string> =>
  (await ask(url, { path: `/services/${service}/v2`, body: 'x' })).body;
const kept = async (folder: string): Promise<readonly string[]> =>
  (await readdir(path.join(folder, 'run', 'fleet-gateway-1')).catch(() => []))
    .filter((name) => name.startsWith('routing-'))
    .map((name) => name.replace(/-[0-9a-f]{16}\.json$/, ''))
    .sort();

test('follows the list and the table of each service, and acknowledges each at once', async () => {
  const folder = await stateFolder();
  const plane = await planeOf();
  plane.tell(
    makeList('a', 'b'),
    tableOf('a', await replica('of a'), { generation: 4 }),
    tableOf('b', await replica('of b'), { generation: 9 }),
  );
  const gateway = await start(folder, plane.port);
  await until(() => plane.latest('a')?.acknowledgedGeneration === 4 && plane.latest('b')?.acknowledgedGeneration === 9);
  expect([await bodyOf(gateway, 'a'), await bodyOf(gateway, 'b')]).toEqual(['of a', 'of b']);
  await until(() => plane.latest('a')?.answered === 1 && plane.latest('b')?.answered === 1);
  expect(plane.latest('b')).toMatchObject({
    gatewayId: 'gateway-1',
    address: `${gateway.url}/services/b`,
    answered: 1,
    arrivals: 1,
  });
  // All services in one request a beat.
  const before = plane.posted.length;
  await until(() => plane.posted.length > before);
  expect(plane.posted.at(-1)?.reports.map(({ service }) => service)).toEqual(['a', 'b']);
});

test('a service is added and taken away while another one serves on', async () => {
  const folder = await stateFolder();
  const plane = await planeOf();
  plane.tell(makeList('a'), tableOf('a', await replica('of a')));
  const gateway = await start(folder, plane.port);
  await until(() => plane.latest('a')?.acknowledgedGeneration === 1);
  plane.send('services', makeList('a', 'b'));
  plane.send('routing', tableOf('b', await replica('of b')));
  await until(() => plane.latest('b')?.acknowledgedGeneration === 1);
  expect([await bodyOf(gateway, 'a'), await bodyOf(gateway, 'b')]).toEqual(['of a', 'of b']);
  plane.send('services', makeList('b'));
  await until(() => gateway.log.some((line) => line.startsWith('services.left {"service":"a"')));
  expect((await ask(gateway.url, { path: '/services/a/v2', body: 'x' })).status).toBe(410);
  expect(await bodyOf(gateway, 'b')).toBe('of b');
  for (let files = await kept(folder); files.length !== 1; files = await kept(folder)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await kept(folder)).toEqual(['routing-b-default']);
  plane.send('routing', tableOf('a', await replica('again'), { generation: 7 }));
  await until(() => gateway.log.some((line) => line.startsWith('routing.refused') && line.includes('"a"')));
});

test('restarted without its control plane, it serves all services on from what it kept', async () => {
  const folder = await stateFolder();
  const plane = await planeOf();
  plane.tell(makeList('a', 'b'), tableOf('a', await replica('of a')), tableOf('b', await replica('of b')));
  const first = await start(folder, plane.port);
  await until(() => plane.latest('a')?.acknowledgedGeneration === 1 && plane.latest('b')?.acknowledgedGeneration === 1);
  // At once: it ends only when what it applied is on disk.
  await first.stop();
  await plane.stop();
  const second = await start(folder, plane.port);
  expect([await bodyOf(second, 'a'), await bodyOf(second, 'b')]).toEqual(['of a', 'of b']);
  expect((await ask(second.url, { path: '/v2', headers: { host: 'b.localhost' }, body: 'x' })).body).toBe('of b');
  expect((await ask(second.url, { method: 'GET', path: '/plimsoll/ready' })).status).toBe(200);
});

test('neither a control plane that is lost nor one that lost its store takes a service away', async () => {
  const folder = await stateFolder();
  const plane = await planeOf();
  plane.tell(makeList('a', 'b'), tableOf('a', await replica('of a')), tableOf('b', await replica('of b')));
  const gateway = await start(folder, plane.port);
  await until(() => plane.latest('b')?.acknowledgedGeneration === 1);
  await plane.stop();
  await until(() => gateway.log.some((line) => line.startsWith('control-plane.away')));
  expect(await bodyOf(gateway, 'a')).toBe('of a');
  const empty = await planeOf(plane.port);
  empty.tell(makeList());
  await until(() => gateway.log.some((line) => line.startsWith('services.refused')));
  expect([await bodyOf(gateway, 'a'), await bodyOf(gateway, 'b')]).toEqual(['of a', 'of b']);
  // A list that is not one changes nothing either.
  empty.send('services', { services: [{ service: 'a' }] });
  await until(() => gateway.log.filter((line) => line.startsWith('services.refused')).length === 2);
  expect(await bodyOf(gateway, 'a')).toBe('of a');
  empty.send('services', makeList('b'));
  await until(() => gateway.log.some((line) => line.startsWith('services.left {"service":"a"')));
  empty.send('services', makeList());
  await until(() => gateway.log.some((line) => line.startsWith('services.left {"service":"b"')));
});

test('before the first list it says that it does not know its services, and is not ready', async () => {
  const plane = await planeOf();
  plane.tell(null);
  const gateway = await start(await stateFolder(), plane.port);
  const answer = await ask(gateway.url, { path: '/services/a/v2', body: 'x' });
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([503, { code: 'services-pending' }]);
  expect((await ask(gateway.url, { method: 'GET', path: '/plimsoll/ready' })).status).toBe(503);
  expect((await ask(gateway.url, { method: 'GET', path: '/plimsoll/live' })).status).toBe(200);
});

test('what was kept and cannot be read is left as it is, and the control plane is asked', async () => {
  const folder = await stateFolder();
  const plane = await planeOf();
  plane.tell(makeList('a'), tableOf('a', await replica('of a')));
  const first = await start(folder, plane.port);
  await until(() => plane.latest('a')?.acknowledgedGeneration === 1);
  await first.stop();
  await writeFile(path.join(folder, 'run', 'fleet-gateway-1', 'services.json'), '{"format":1,"services":[');
  const second = await start(folder, plane.port);
  expect(second.log.some((line) => line.startsWith('services.unreadable'))).toBe(true);
  expect(await kept(folder)).toEqual(['routing-a-default']);
  await until(() => second.log.some((line) => line.startsWith('routing.applied')));
  expect(await bodyOf(second, 'a')).toBe('of a');
});

test('the tables of services that left just before a kill are removed at the next start', async () => {
  const folder = await stateFolder();
  const plane = await planeOf();
  plane.tell(makeList('a', 'b'), tableOf('a', await replica('of a')), tableOf('b', await replica('of b')));
  const first = await start(folder, plane.port);
  await until(() => plane.latest('b')?.acknowledgedGeneration === 1);
  await first.stop();
  await plane.stop();
  const list = path.join(folder, 'run', 'fleet-gateway-1', 'services.json');
  await writeFile(list, JSON.stringify({ format: 1, services: makeList('b').services, gone: ['a'] }));
  const second = await start(folder, plane.port);
  expect(await kept(folder)).toEqual(['routing-b-default']);
  expect(await bodyOf(second, 'b')).toBe('of b');
  const asked = await ask(second.url, { path: '/v2', headers: { host: 'a.localhost' }, body: 'x' });
  expect(asked.status).toBe(410);
});

test('the counts of each service are acknowledged by themselves, and those left out come again', async () => {
  const canary = { release: 1, against: 9, step: 0, startedAtMs: 1 };
  const recordsOnlyA = ({ reports }: GatewayReports): GatewayReportsAnswer => ({
    recorded: reports
      .filter(({ service }) => service === 'a')
      .map(({ service, environment, report }) => {
        return { service, environment, sequence: report.counts?.at(-1)?.sequence ?? 0 };
      }),
  });
  const plane = await planeOf(0, recordsOnlyA);
  plane.tell(
    makeList('a', 'b'),
    tableOf('a', await replica('of a'), { canary }),
    tableOf('b', await replica('of b'), { canary }),
  );
  const gateway = await start(await stateFolder(), plane.port);
  await until(() => plane.latest('a')?.acknowledgedGeneration === 1 && plane.latest('b')?.acknowledgedGeneration === 1);
  for (const service of ['a', 'b', 'a', 'b']) await bodyOf(gateway, service);
  const carrying = (service: string): number =>
    plane.posted.filter(({ reports }) =>
      reports.some((each) => each.service === service && each.report.counts !== undefined),
    ).length;
  await until(() => carrying('b') > 5);
  const sequences = (service: string): readonly number[] => [
    ...new Set(
      plane.posted.flatMap(({ reports }) =>
        reports.flatMap((each) => (each.service === service ? (each.report.counts ?? []).map((c) => c.sequence) : [])),
      ),
    ),
  ];
  expect(sequences('b')).toEqual([1]);
  expect(carrying('a')).toBeLessThan(carrying('b'));
  expect(plane.latest('a')?.counts).toBeUndefined();
});

test('a control plane that knows no gateways of many services is named so once, and asked again', async () => {
  const old = createServer((req, res) => void req.resume().on('end', () => res.writeHead(404).end()));
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
  const { port } = old.address() as AddressInfo;
  const gateway = await start(await stateFolder(), port);
  await until(() => gateway.log.some((line) => line.startsWith('control-plane.away')));
  const line = gateway.log.find((each) => each.startsWith('control-plane.away'));
  expect(line).toContain('upgrade the control plane, or start this gateway with --service NAME');
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(gateway.log.filter((each) => each.startsWith('control-plane.away'))).toHaveLength(1);
  old.closeAllConnections();
  await new Promise((resolve) => old.close(resolve));
  const plane = await planeOf(port);
  plane.tell(makeList('a'), tableOf('a', await replica('of a')));
  await until(() => gateway.log.some((each) => each.startsWith('routing.applied')));
  expect(await bodyOf(gateway, 'a')).toBe('of a');
});

test('names that hold anything keep their tables inside the folder of the gateway', async () => {
  const folder = await stateFolder();
  const plane = await planeOf();
  const strange = '../../../escape \u0000é';
  const list = { services: [{ service: strange, environment: '..', names: ['odd'] }] };
  plane.tell(list, tableOf(strange, await replica('odd'), { environment: '..' }));
  const gateway = await start(folder, plane.port);
  await until(() => gateway.log.some((each) => each.startsWith('routing.applied')));
  expect(await bodyOf(gateway, 'odd')).toBe('odd');
  await gateway.stop();
  expect(await readdir(path.join(folder, 'run'))).toEqual(['fleet-gateway-1']);
  expect(await kept(folder)).toHaveLength(1);
  expect(existsSync(path.join(folder, 'run', 'fleet-gateway-1', 'services.json'))).toBe(true);
});
