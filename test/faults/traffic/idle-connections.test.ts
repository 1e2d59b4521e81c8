import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Load } from '../../rigs/load.ts';
import { report } from '../../rigs/seeded.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';
import { World } from '../../rigs/world.ts';

/** Silent connections to the control plane take its file handles. It may be deaf then; what serves goes on serving. */
const model = tinyModel(1);
let world: World;
let load: Load;

beforeAll(async () => {
  world = await World.open({ replicas: 2 });
  await world.release(model);
  load = new Load(world.gatewayUrl, [model], 4);
});
afterAll(async () => {
  await load.end();
  expect(await world.close()).toEqual({ status: 0, left: 0 });
});

const limitHandles = (pid: number, handles: number | string): void =>
  void execFileSync('prlimit', ['--pid', String(pid), `--nofile=${handles}:`]);

async function openSilent(port: number, count: number): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.race([
    Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve)))),
    delay(5_000),
  ]);
  return sockets;
}

it('400 silent connections take no healthy replica out of traffic', async () => {
  const pid = world.programPid('control-plane') ?? 0;
  const before = (await world.untilServing('all replicas serve')).map((replica) => replica.pid);
  const [, soft = 'unlimited'] =
    /^Max open files\s+(\S+)/m.exec(execFileSync('cat', [`/proc/${pid}/limits`]).toString()) ?? [];
  limitHandles(pid, readdirSync(`/proc/${pid}/fd`).length + 40);
  load.take();
  const silent = await openSilent(Number(new URL(world.pageUrl).port), 400);
  const handles = (): number => readdirSync(`/proc/${pid}/fd`).length;
  const [full] = [handles()];
  await delay(8_000);
  const { failures, answered } = load.take();
  for (const socket of silent) socket.destroy();
  limitHandles(pid, soft);
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(0);
  const after = await world.untilServing('all replicas serve');
  expect(after.map((replica) => replica.pid).sort()).toEqual(before.toSorted());
  const lost = (await world.events()).filter(({ summary }) => summary.includes('ready no longer'));
  expect(lost.map(({ summary }) => summary)).toEqual([]);
  report(`400 silent connections, ${full} handles taken: ${answered} requests answered, 0 failed`);
});
