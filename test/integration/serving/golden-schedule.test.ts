/** A replica that goes bad after it was admitted: found by the schedule, without any traffic, and through the gateway's path. */
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReplayStatus } from '../../../src/core/monitoring/replay/replay-status.ts';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import type { DriftAnswer } from '../../../src/schemas/http/monitoring/http-drift.ts';
import { releaseDoubler } from '../../servers/released-doubler.ts';
import type { UserProject } from '../../user-project.ts';

const soon = { timeout: 60_000, interval: 200 };
let project: UserProject;

beforeAll(async () => {
  project = await releaseDoubler('capture: { sample: 100%, content: true }');
}, 120_000);
afterAll(async () => {
  expect((await project.stop()).left).toBe(0);
  project.remove();
});

async function golden(): Promise<ReplayStatus | null> {
  const answer = await fetch(`${project.pageUrl}/v1/drift`, { signal: AbortSignal.timeout(10_000) });
  return answer.ok ? ((await answer.json()) as DriftAnswer).golden : null;
}
const there = async () => ((await golden())?.replicas ?? []).filter(({ goneAtMs }) => goneAtMs === null);
const diverged = async () => (await there()).filter(({ divergedAtMs }) => divergedAtMs !== null).length;
const events = (kind: string): Promise<readonly StoredEvent[]> => project.events(kind);

it('each replica is replayed through the gateway, and none of it is traffic', async () => {
  await expect.poll(async () => (await there()).filter(({ passed }) => passed >= 3).length, soon).toBe(2);
  for (const { recent, failed, requests, passed } of await there()) {
    expect(recent.at(-1)).toMatchObject({ verdict: 'pass', path: 'gateway' });
    expect([failed, requests >= 3 * passed]).toEqual([0, true]);
  }
  const metrics = await (await fetch(`${project.gatewayUrl}/plimsoll/metrics`)).text();
  expect(metrics).toMatch(/plimsoll_gateway_arrivals_total\S* 0\n/);
  expect(metrics).toMatch(/plimsoll_gateway_golden_replay_requests_total\{\S+} [1-9]/);
  expect(await project.passing('drift', 'samples')).toContain('no request was captured yet');
  expect(await project.passing('golden', 'status')).toMatch(
    /^release 1: each replica every 1s, for at most 50% of its time$/m,
  );
});

it('a replica that goes bad is told off, with its cause, and goes on serving', async () => {
  project.write('fault', 'all');
  await expect.poll(diverged, soon).toBe(1);
  await expect.poll(async () => (await events('replica.diverged')).length, soon).toBeGreaterThan(0);
  const [event, ...more] = await events('replica.diverged');
  expect(more).toEqual([]);
  expect(event?.data).toMatchObject({ path: 'gateway', release: 1 });
  expect(String((event?.data as { reason: string }).reason)).toMatch(/^input .+: y\[0, 0\] is -\d, expected \d/);
  const { status, stdout } = await project.plimsoll('golden', 'status');
  expect(status).toBe(1);
  expect(stdout).toMatch(/ diverged: input .+\n {2}(?:cause node|no cause is named)/);
  expect((await project.plimsoll('drift')).stdout).toMatch(
    /^golden replays +\S+ diverged; next: plimsoll golden status$/m,
  );
  expect((await project.view()).replicas.filter(({ state }) => state === 'ready')).toHaveLength(2);
});

it('is forgiven once it passes again', async () => {
  project.write('fault.over', '');
  await expect.poll(diverged, soon).toBe(0);
  await expect.poll(async () => (await events('replica.agrees')).length, soon).toBeGreaterThan(0);
  expect((await project.plimsoll('golden', 'status')).status).toBe(0);
  expect(await events('replica.agrees')).toMatchObject([{ data: { because: 'passes again' } }]);
});

it('what was counted survives a kill of the control plane', async () => {
  const before = await there();
  const { pid } = JSON.parse(project.read('.plimsoll/run/control-plane.json')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  const passedOf = async (id: string): Promise<number> => {
    const found = (await there().catch(() => [])).find(({ replicaId }) => replicaId === id);
    return found?.passed ?? 0;
  };
  for (const { replicaId, passed } of before) {
    await expect.poll(() => passedOf(replicaId), soon).toBeGreaterThan(passed);
  }
  // The new control plane has another key; gateways are told with their next report.
  await expect
    .poll(async () => (await there()).every(({ recent }) => recent.at(-1)?.path === 'gateway'), soon)
    .toBe(true);
});

it('captured requests find a fault that the golden set does not reach', async () => {
  const infer = (value: number) =>
    fetch(`${project.gatewayUrl}/v2/models/doubler/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [value, value] }] }),
    });
  for (let value = 10; value < 40; value += 1) expect((await infer(value)).status).toBe(200);
  await expect.poll(async () => (await golden())?.pairs[0]?.compared ?? 0, soon).toBeGreaterThanOrEqual(30);
  expect(await project.passing('golden', 'status')).toMatch(
    /: 0 of \d+ distinct inputs differ: a fault hits at most \d/,
  );
  rmSync(path.join(project.folder, 'fault.over'));
  project.write('fault', 'large');
  for (let value = 50; value < 70; value += 1) await infer(value);
  await expect.poll(async () => (await golden())?.pairs[0]?.differ ?? 0, soon).toBeGreaterThan(0);
  expect((await there()).every(({ verdict }) => verdict === 'pass')).toBe(true);
}, 120_000);

it('a client that plays the control plane is refused', async () => {
  const [replica] = await there();
  const answer = await fetch(`${project.gatewayUrl}/v2/models/doubler/infer`, {
    method: 'POST',
    headers: { 'plimsoll-replay': `${'0'.repeat(64)}.${replica?.replicaId}`, 'x-request-id': 'golden-by-hand' },
    body: '{}',
  });
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'replay-refused']);
});

it('golden evidence no longer holds once every replica answers otherwise, and not before', async () => {
  expect(await events('golden.left-everywhere')).toEqual([]);
  const failing = async (): Promise<number> => {
    // The replica that asks first takes it: it lies there again until the other has asked too.
    if (!existsSync(path.join(project.folder, 'fault'))) project.write('fault', 'all');
    return diverged();
  };
  await expect.poll(failing, soon).toBe(2);
  const state = async () => (await project.view()).evidence.find(({ kind }) => kind === 'golden');
  const reason = /every replica answers the golden set otherwise since \d\d:\d\d UTC: \S+, \S+$/;
  await expect.poll(async () => (await state())?.reasons.join() ?? '', soon).toMatch(reason);
  expect(await state()).toMatchObject({ freshness: 'stale' });
  expect(await events('golden.left-everywhere')).toMatchObject([{ data: { release: 1 } }]);
}, 120_000);
