import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Load } from '../../rigs/load.ts';
import { report } from '../../rigs/seeded.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';
import { killNow } from '../../rigs/running-up.ts';
import { World } from '../../rigs/world.ts';

/** What the machine does to the system: another holder of its store, a clock that steps, an address that is taken. */
const models = [tinyModel(1), tinyModel(2), tinyModel(3)] as const;
const hourMs = 3_600_000;
const clockFile = path.join(tmpdir(), `plimsoll-clock-${process.pid}`);
let world: World;
let load: Load;

const step = (offsetMs: number): void => writeFileSync(clockFile, String(offsetMs));
const move = async (from: number | null, to: number | null, reason: string): Promise<Response> =>
  fetch(`${world.pageUrl}/v1/models/aliases`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await world.credential()) },
    body: JSON.stringify({ environment: 'default', name: 'tiny', alias: 'probe', from, to, reason }),
    signal: AbortSignal.timeout(60_000),
  });

beforeAll(async () => {
  step(0);
  const preload = pathToFileURL(path.join(import.meta.dirname, 'clock-step.ts')).href;
  const env = { NODE_OPTIONS: `--import=${preload}`, PLIMSOLL_FAULT_CLOCK: clockFile };
  world = await World.open({ replicas: 2, env });
  await world.release(models[0]);
  load = new Load(world.gatewayUrl, models, 4);
});
beforeEach(() => void load.take());
afterAll(async () => {
  await load.end();
  expect(await world.close()).toEqual({ status: 0, left: 0 });
  rmSync(clockFile);
});

it('a store that another process holds: a write says so within a bound, traffic goes on, and then so does everything', async () => {
  const controlPlane = world.programPid('control-plane');
  const replicas = (await world.untilServing('all replicas serve')).map((replica) => replica.pid).sort();
  const holder = new DatabaseSync(path.join(world.stateFolder, 'store.sqlite'), { timeout: 5_000 });
  holder.exec('BEGIN IMMEDIATE');
  const heldMs = performance.now();
  const refused = await move(null, 1, 'while it is held');
  const waitedMs = performance.now() - heldMs;
  const { error } = (await refused.json()) as { readonly error: { readonly code: string; readonly next?: string } };
  expect([refused.status, error.code]).toEqual([503, 'store-locked']);
  expect(error.next).toMatch(/\S/);
  expect(waitedMs).toBeLessThan(20_000);
  expect((await world.tryView())?.replicas).toHaveLength(2);
  await delay(Math.max(0, 10_000 - (performance.now() - heldMs)));
  holder.exec('COMMIT');
  holder.close();
  await world.until('writes are taken again', async () => {
    const answer = await move(null, 1, 'after it was held').catch(() => null);
    return answer !== null && (answer.ok || (await answer.text()).includes('alias-moved'));
  });
  // Held for longer than its lease lasts, the store may cost the control plane its lease; it then starts again.
  const restarted = world.programPid('control-plane') !== controlPlane;
  expect((await world.untilServing('all replicas serve')).map((replica) => replica.pid).sort()).toEqual(replicas);
  const { failures, answered } = load.take();
  expect(failures).toEqual([]);
  report(
    `store held for 10 s: a write was refused after ${(waitedMs / 1000).toFixed(1)} s; ${answered} requests answered, 0 failed; control plane ${restarted ? 'started again' : 'not disturbed'}`,
  );
});

it.each([
  ['back by an hour', -hourMs, models[1], 2],
  ['forward by an hour, from where it was', hourMs, models[2], 3],
] as const)(
  'a clock that steps %s: leases, events, releases and adoption go on',
  async (name, offsetMs, model, version) => {
    const before = await world.events();
    const pids = (await world.untilServing('all replicas serve')).map((replica) => replica.pid).sort();
    const controlPlane = world.programPid('control-plane');
    step(offsetMs);
    await delay(3_000);
    expect(world.programPid('control-plane')).toBe(controlPlane);
    expect((await world.untilServing('the same replicas serve')).map((replica) => replica.pid).sort()).toEqual(pids);

    await killNow(controlPlane ?? 0);
    await world.until('a control plane answers again', async () => (await world.tryView()) !== null);
    expect((await world.untilServing('they are adopted')).map((replica) => replica.pid).sort()).toEqual(pids);
    await world.release(model);
    await world.untilServing(`version ${version} serves`, version);

    const events = await world.events();
    expect(events.slice(0, before.length)).toEqual(before);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.length).toBeGreaterThan(before.length);
    expect(world.integrity()).toEqual(['ok']);
    const { failures, answered } = load.take();
    expect(failures).toEqual([]);
    report(
      `clock stepped ${name}, control plane killed, another version released: ${answered} requests answered, 0 failed`,
    );
  },
);

it('an address that is taken is named with its holder, and nothing is started', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  try {
    const other = path.join(world.folder, 'other-state');
    const run = await world.command('up', '--state', other, '--listen', `127.0.0.1:${port}`);
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} is taken by process ${process.pid} `));
    expect(run.stderr).toMatch(/next: plimsoll up .*--listen 127\.0\.0\.1:0.* takes free ports/);
    expect(run.stderr).toContain(`--state ${other}`);
    expect(run.stderr).not.toMatch(/started: process/);
  } finally {
    server.close();
  }
});

it('a second `up` on the same state folder is told who has it, and disturbs nothing', async () => {
  const pids = [world.programPid('gateway'), world.programPid('control-plane')];
  const run = await world.command('up', ...world.listenOptions());
  expect(run.status).toBe(1);
  expect(run.stderr).toContain(`process ${world.upPid}, page ${world.pageUrl}/`);
  expect([world.programPid('gateway'), world.programPid('control-plane')]).toEqual(pids);
  expect(load.take().failures).toEqual([]);
});

it('`up --stop` stops what a killed `up` left behind', async () => {
  await load.end();
  await killNow(world.upPid);
  const run = await world.command('up', '--stop');
  expect(run.status).toBe(0);
  expect([world.programPid('gateway'), world.programPid('control-plane')]).toEqual([null, null]);
  expect(run.stderr).toMatch(/2 replicas stopped/);
  world.startUp();
  await world.untilServing('it all comes back');
});
