import { spawnSync } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { missingPostgres, password, PostgresServer } from '../../peers/postgres-server.ts';
import { report } from '../../rigs/seeded.ts';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { World } from '../../rigs/world.ts';

let server: PostgresServer;
let world: World;
/** Where MLflow would be: whoever asks it for anything is counted. */
let asked = 0;
const registry = createServer((socket) => {
  asked += 1;
  socket.destroy();
});

beforeAll(async () => {
  if (missingPostgres !== null) return;
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  server = await PostgresServer.start();
  world = await World.open({
    replicas: 1,
    keepPreviousMs: 3_600_000,
    env: {
      DATABASE_URL: server.url(await server.newDatabase()),
      MLFLOW_TRACKING_URI: `http://127.0.0.1:${(registry.address() as AddressInfo).port}`,
    },
  });
});
afterAll(async () => {
  await world?.close();
  server?.remove();
  registry.close();
});

const skipped = missingPostgres === null ? '' : ` (skipped: ${missingPostgres})`;

async function servedVersion(): Promise<string | null> {
  const answer = await fetch(`${world.gatewayUrl}/v2/models/tiny/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: inferBody(rowOf(1)),
  });
  expect(answer.status).toBe(200);
  return answer.headers.get('plimsoll-model-version');
}

it.skipIf(missingPostgres !== null)(
  `with PostgreSQL stopped a rollback moves traffic, survives a kill, and is recorded once when it is back${skipped}`,
  async () => {
    await world.release(tinyModel(1));
    await world.release(tinyModel(2));
    expect(await servedVersion()).toBe('2');
    server.halt('immediate');
    const startedMs = performance.now();
    const request = { service: 'tiny', environment: 'default', axis: 'model', reason: 'worse' };
    const answer = (await world.post('/v1/rollbacks', request)) as { readonly journaled?: string };
    expect(answer.journaled).toBeDefined();
    await world.until('the gateway follows', async () => (await servedVersion()) === '1');
    const tookMs = performance.now() - startedMs;

    process.kill(world.programPid('control-plane') ?? 0, 'SIGKILL');
    server.begin();
    await world.until('it is carried over', async () => (await world.tryView())?.deployment?.live === 3);
    expect(await servedVersion()).toBe('1');
    const events = await world.events();
    expect(events.filter(({ kind }) => kind === 'rollback.carried-over')).toHaveLength(1);
    expect(events.filter(({ kind }) => kind === 'bar.added')).toHaveLength(1);
    expect(asked).toBe(0);
    report(
      `store away: traffic on the old version ${Math.round(tookMs)} ms after the command; model registry asked 0 times`,
    );

    const texts = [JSON.stringify(events), spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout];
    const logs = path.join(world.stateFolder, 'logs');
    for (const name of await readdir(logs)) texts.push(await readFile(path.join(logs, name), 'utf8').catch(() => ''));
    texts.push(await world.upLog(), await readFile(`/proc/${world.programPid('gateway')}/environ`, 'latin1'));
    for (const text of texts) {
      expect(text).not.toContain(password);
      expect(text).not.toContain(encodeURIComponent(password));
    }
  },
);
