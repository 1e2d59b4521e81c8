/** What a real gateway process captures before two replicas, through kills of it and of its control plane. */
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Agent, request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RoutingTable } from '../../../src/core/rollout/routing/routing.ts';
import { makeTable, startUpstream, type Upstream } from '../../../src/testing/rigs/gateway-rig.ts';
import { ToldGateway } from '../../told-gateway.ts';

let replicas: readonly Upstream[];
let gateway: ToldGateway;
let agent: Agent;
let generation = 0;

beforeEach(async () => {
  const answer: Parameters<typeof startUpstream>[0] = (req, res) => void req.resume().on('end', () => res.end('{}'));
  replicas = [await startUpstream(answer), await startUpstream(answer)];
  gateway = await ToldGateway.open();
  agent = new Agent({ connections: 8, pipelining: 1 });
});
afterEach(async () => {
  await agent.close();
  await gateway.close();
  await Promise.all(replicas.map((replica) => replica.stop()));
});

function table(sampleShare: number, controlShare: number, spoolBytes = 64 * 2 ** 20): RoutingTable {
  generation += 1;
  const capture = { sampleShare, controlShare, maxBodyBytes: 65_536, spoolBytes };
  const endpoints = replicas.map(({ endpoint }) => endpoint);
  return makeTable([{ endpoints }], { service: 'tiny', model: 'tiny', generation, capture });
}

/** Each is answered; its id is its number. */
async function send(from: number, to: number, body = (n: number): string => String(n)): Promise<void> {
  let next = from;
  const client = async (): Promise<void> => {
    while (next < to) {
      const n = next;
      next += 1;
      const headers = { 'x-request-id': `id-${n}` };
      const url = `${gateway.url}/v2/models/tiny/infer`;
      const answer = await request(url, { method: 'POST', headers, body: body(n), dispatcher: agent });
      await answer.body.dump();
      expect(answer.statusCode).toBe(200);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
}
const idsOf = (samples: ToldGateway['samples']): string[] => samples.map(({ requestId }) => requestId).sort();
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `id-${from + n}`).sort();
const spoolFolder = (): string => path.join(gateway.folder, 'spool');

test('alternating inputs over two healthy replicas: those of the random share are drawn evenly, whatever they hold', async () => {
  await gateway.tell(table(0, 0.5));
  const requests = 6_000;
  await send(0, requests, (n) => (n % 2 === 0 ? 'even' : 'odd'));
  // 1e-6 of a normal distribution, two-sided.
  const bound = (count: number, share: number): number => 4.9 * Math.sqrt(count * share * (1 - share));
  const isWithin = (count: number, of: number, share: number): void =>
    expect(Math.abs(count - of * share)).toBeLessThan(bound(of, share));
  await gateway.until(() => gateway.samples.length > requests / 2 - bound(requests, 0.5));
  await gateway.until(() => gateway.latest?.capture?.captured === gateway.samples.length);
  const { samples } = gateway;
  isWithin(samples.length, requests, 0.5);
  const [first = ''] = replicas.map(({ endpoint }) => `replica-${new URL(endpoint).port}`);
  for (const input of ['even', 'odd']) {
    const ofInput = samples.filter(({ request: { body } }) => Buffer.from(body).toString() === input);
    isWithin(ofInput.length, requests / 2, 0.5);
    isWithin(ofInput.filter(({ control }) => control?.drawn === first).length, ofInput.length, 0.5);
  }
  for (const { control, replicaId, sampled } of samples) {
    expect(control?.eligible.map(({ propensityShare }) => propensityShare)).toEqual([0.5, 0.5]);
    expect([control?.drawn, control?.outcome, sampled]).toEqual([replicaId, 'answered', false]);
  }
});

test('a gateway that is killed loses nothing that was on its disk, and nothing counts twice', async () => {
  gateway.segments = 'away';
  await gateway.tell(table(1, 0));
  await send(0, 300);
  // Written 100 ms after the answer at the latest.
  await gateway.until(() => gateway.latest?.capture?.captured === 300);
  await gateway.kill();
  gateway.segments = 'recorded';
  await gateway.start();
  await gateway.tell(table(1, 0));
  await gateway.until(() => gateway.received > 2);
  await send(300, 400);
  gateway.segments = 'taken';
  await gateway.until(() => gateway.samples.length >= 400);
  await gateway.until(async () => (await segmentFiles()).length === 0);
  expect(idsOf(gateway.samples)).toEqual(numbered(0, 400));
});

test('a control plane that dies before it answers is sent the same segment again', async () => {
  gateway.segments = 'recorded';
  await gateway.tell(table(1, 0));
  await send(0, 100);
  await gateway.until(() => gateway.received >= 3);
  expect(idsOf(gateway.samples)).toEqual(numbered(0, 100));
  gateway.segments = 'taken';
  await send(100, 200);
  await gateway.until(() => gateway.samples.length >= 200);
  expect(idsOf(gateway.samples)).toEqual(numbered(0, 200));
});

test('a full spool drops the newest and counts it; what it holds arrives', async () => {
  gateway.segments = 'away';
  await gateway.tell(table(1, 0, 2 ** 20));
  await send(0, 60, (n) => `${n} ${'x'.repeat(40_000)}`);
  await gateway.until(() => {
    const { captured = 0, dropped = 0 } = gateway.latest?.capture ?? {};
    return captured + dropped === 60;
  });
  const { captured = 0 } = gateway.latest?.capture ?? {};
  expect(captured).toBeGreaterThan(10);
  expect(captured).toBeLessThan(30);
  const files = await segmentFiles();
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(2 ** 20);
  gateway.segments = 'taken';
  await gateway.until(() => gateway.samples.length === captured);
  const numbers = gateway.samples.map(({ requestId }) => Number(requestId.slice(3)));
  // Eight clients at a time: the oldest are kept, save for those that overtook one another.
  expect(Math.max(...numbers)).toBeLessThan(captured + 8);
  await send(60, 70);
  await gateway.until(() => gateway.samples.length === captured + 10);
});

test('a spool that cannot be written leaves the traffic alone', async () => {
  await rm(spoolFolder(), { recursive: true, force: true });
  await writeFile(spoolFolder(), 'a file stands where the folder should be');
  await gateway.tell(table(1, 0.5));
  await send(0, 200);
  await gateway.until(() => gateway.latest?.capture?.dropped === 200);
  const metrics = await (await request(`${gateway.url}/plimsoll/metrics`)).body.text();
  expect(metrics).toContain('plimsoll_gateway_capture_dropped_total 200\n');
  expect(metrics).toContain('plimsoll_gateway_captured_total 0\n');
  expect(metrics).toContain('plimsoll_gateway_failed_total 0\n');
});

async function segmentFiles(): Promise<string[]> {
  const entries = await readdir(spoolFolder(), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
}
