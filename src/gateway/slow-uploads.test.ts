/** Clients that send their bodies slowly, so that others do not get a replica. */
import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ask, makeTable, openSocket, startGateway, startUpstream, until } from '../testing/rigs/gateway-rig.ts';
import type { GatewaySettings } from './settings.ts';

const running: { stop(): Promise<void> }[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

const head = 'POST /v2/models/m/infer HTTP/1.1\r\nhost: h\r\n';
const chunked = `${head}transfer-encoding: chunked\r\n\r\n`;
const chunkOf = (bytes: number): string => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`;

async function rigOf(settings: Partial<GatewaySettings>) {
  const upstream = await startUpstream((req, res) => void req.resume().on('end', () => res.end('ok')));
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), settings);
  running.push(rig, upstream);
  return { rig, upstream };
}

/** A connection that has sent so much and stays open, with what was answered to it. */
async function begin(
  port: number,
  wire: string,
): Promise<{ readonly socket: Socket; readonly answered: () => string }> {
  const socket = await openSocket(port);
  sockets.push(socket);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', () => undefined);
  socket.write(wire);
  return { socket, answered: () => text };
}

test.each([
  ['of unknown length', `${chunked}${chunkOf(1)}`],
  ['of a length that is not held', `${head}content-length: 2000000\r\n\r\nx`],
  ['of a length that is held', `${head}content-length: 1000\r\n\r\nx`],
])('140 trickled bodies %s take no seat, and are given up', async (_, wire) => {
  const { rig, upstream } = await rigOf({ replicaConcurrency: 4 });
  const trickles = await Promise.all(Array.from({ length: 140 }, () => begin(rig.port, wire)));
  await until(() => rig.gateway.path.openCount === 140);
  for (let round = 0; round < 3; round += 1) {
    rig.clock.skip(3_000);
    for (const { socket } of trickles) socket.write(wire.startsWith(chunked) ? chunkOf(1) : 'x');
    for (let honest = 0; honest < 3; honest += 1) expect((await ask(rig.url, { body: 'x' })).body).toBe('ok');
  }
  expect(upstream.seen).toHaveLength(9);
  rig.clock.skip(2_000);
  await until(() => trickles.every(({ answered }) => answered().includes('"code":"body-stalled"')));
  expect(rig.gateway.path.signals.refused['body-stalled']).toBe(140);
});

test('uploads that had begun fast and then stand still give their seats to those who wait', async () => {
  const { rig, upstream } = await rigOf({ replicaConcurrency: 2 });
  const stuck = await Promise.all([1, 2].map(() => begin(rig.port, chunked + chunkOf(64 * 1024))));
  await until(() => upstream.seen.length === 2);
  const honest = ask(rig.url, { body: 'x' });
  await until(() => rig.gateway.path.queueDepth === 1);
  rig.clock.skip(1_100);
  expect((await honest).body).toBe('ok');
  await until(() => stuck.some(({ answered }) => answered().includes('body-stalled')));
});

test('a slow upload keeps its seat while nobody waits, and is served', async () => {
  const { rig, upstream } = await rigOf({ replicaConcurrency: 2 });
  const { socket, answered } = await begin(rig.port, chunked + chunkOf(64 * 1024));
  await until(() => upstream.seen.length === 1);
  for (let part = 0; part < 4; part += 1) {
    rig.clock.skip(5_000);
    socket.write(chunkOf(16 * 1024));
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  socket.write('0\r\n\r\n');
  await until(() => answered().includes('ok'));
});

test('a small body of unknown length is served as soon as it is whole', async () => {
  const { rig } = await rigOf({});
  const { answered } = await begin(rig.port, `${chunked}${chunkOf(3)}0\r\n\r\n`);
  await until(() => answered().includes('ok'));
});

test('a deadline that its client chose below the objective is no error of a release; a longer one is', async () => {
  const silent = await startUpstream(() => undefined);
  const objective = { latencyMs: 1_000 };
  const rig = await startGateway(makeTable([{ endpoints: [silent.endpoint] }], { objective }));
  running.push(rig, silent);
  const asked = async (deadlineMs: number): Promise<number> => {
    const before = silent.seen.length;
    const answer = ask(rig.url, { headers: { 'plimsoll-deadline-ms': String(deadlineMs) } });
    await until(() => silent.seen.length > before);
    rig.clock.skip(deadlineMs);
    return (await answer).status;
  };
  expect(await asked(900)).toBe(504);
  const failed = () => rig.gateway.path.signals.releases.map(({ errors }) => errors);
  expect(failed()).toEqual([0]);
  expect(await asked(60_000)).toBe(504);
  expect(failed()).toEqual([1]);
});
