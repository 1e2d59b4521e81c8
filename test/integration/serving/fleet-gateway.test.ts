import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeList, startFleetPlane, tableOf } from '../../../src/testing/rigs/fleet-gateway-rig.ts';
import { ask, startUpstream, until } from '../../../src/testing/rigs/gateway-rig.ts';

const repository = path.resolve(import.meta.dirname, '../../..');
const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

interface GatewayProcess {
  readonly url: string;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** `plimsoll gateway` of all services, as a process. */
async function startProcess(state: string, port: number): Promise<GatewayProcess> {
  const options = ['--state', state, '--listen', '127.0.0.1:0', '--control-plane', `http://127.0.0.1:${port}`];
  rmSync(path.join(state, 'run', 'gateway.json'), { force: true });
  const child = spawn(path.join(repository, 'plimsoll'), ['gateway', ...options], { cwd: state, stdio: 'ignore' });
  const end = (signal: NodeJS.Signals): Promise<void> => endProcess(child, pidOf(state), signal);
  running.push(() => end('SIGKILL'));
  await until(() => addressOf(state) !== '');
  return { url: addressOf(state), end };
}

const recordOf = (state: string): { address: string; pid: number } => {
  try {
    return JSON.parse(readFileSync(path.join(state, 'run', 'gateway.json'), 'utf8'));
  } catch {
    return { address: '', pid: 0 };
  }
};
const addressOf = (state: string): string => recordOf(state).address;
const pidOf = (state: string): number => recordOf(state).pid;

async function endProcess(child: ChildProcess, pid: number, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (pid > 0) process.kill(pid, signal);
  else child.kill(signal);
  await gone;
}

test('a gateway of many services that was killed serves all of them on without its control plane', async () => {
  const state = await mkdtemp(path.join(tmpdir(), 'plimsoll-fleet-'));
  running.push(async () => rmSync(state, { recursive: true, force: true }));
  const services = ['a', 'b', 'c'];
  const tables = await Promise.all(
    services.map(async (service) => {
      const upstream = await startUpstream((_req, res) => res.end(`of ${service}`));
      running.push(() => upstream.stop());
      return tableOf(service, upstream.endpoint);
    }),
  );
  const plane = await startFleetPlane();
  running.push(() => plane.stop());
  plane.tell(makeList(...services), ...tables);
  const first = await startProcess(state, plane.port);
  const folder = path.join(state, 'run', 'fleet-gateway-1');
  await until(() => services.every((service) => plane.latest(service)?.acknowledgedGeneration === 1));
  // It is acknowledged before it is on disk: a slow disk delays no request.
  await until(() => readdirSync(folder).filter((name) => name.endsWith('.json')).length === services.length + 1);
  await first.end('SIGKILL');
  await plane.stop();

  const second = await startProcess(state, plane.port);
  for (const service of services) {
    expect((await ask(second.url, { path: `/services/${service}/v2`, body: 'x' })).body).toBe(`of ${service}`);
  }
  await second.end('SIGTERM');
  expect(addressOf(state)).toBe('');
});
