import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isRouted } from '../../../src/prove/drill/await-release.ts';
import { lockText, readLock } from '../../../src/schemas/lock/lock.ts';
import { Load } from '../../rigs/load.ts';
import { report, rounds } from '../../rigs/seeded.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';
import { World } from '../../rigs/world.ts';

/** The way back to a version that is still warm: a pointer swap, under steady traffic. */
const first = tinyModel(1);
const second = tinyModel(2);
let world: World;
let load: Load;

beforeAll(async () => {
  world = await World.open({ replicas: 1 });
  await world.release(first, { keepPrevious: '1h' });
  await world.release(second, { keepPrevious: '1h' });
  load = new Load(world.gatewayUrl, [first, second]);
});
afterAll(async () => {
  await load.end();
  await world.close();
});

interface Answered {
  readonly number: number;
  readonly model: { readonly version: number };
}

/** Until the table in which this release is live was acknowledged by every gateway. */
async function untilAcknowledged(release: number): Promise<void> {
  for (;;) {
    const view = await world.tryView();
    if (view !== null && view.deployment?.live === release && isRouted(view)) return;
  }
}

it(`is taken ${rounds} times without a failed request, and says how long each took`, async () => {
  const tookMs: number[] = [];
  load.take();
  for (let round = 0; round < rounds; round += 1) {
    const { deployment, releases } = (await world.tryView()) ?? {};
    const live = releases?.find(({ number }) => number === deployment?.live);
    const startedMs = performance.now();
    const made = (await world.post('/v1/rollbacks', {
      service: 'tiny',
      environment: 'default',
      axis: 'model',
      reason: `round ${round}`,
      // Not barred, so that the next round has its way back.
      drill: true,
      ...(live?.model.version === 1 ? { to: 2 } : { to: 1 }),
    })) as Answered;
    await untilAcknowledged(made.number);
    tookMs.push(performance.now() - startedMs);
    expect(made.model.version).toBe(live?.model.version === 1 ? 2 : 1);
  }
  const { answered, failures } = load.take();
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(rounds);
  const slowest = Math.max(...tookMs);
  report(`rollback ${rounds} times: ${answered} requests answered, 0 failed; slowest ${(slowest / 1000).toFixed(2)} s`);
  // The figure is in the line above; the bound only tells a swap from a start on a machine that is busy.
  expect(slowest).toBeLessThan(5_000);
  expect((await world.tryView())?.bars).toEqual([]);
});

it('is shown by a drill, which writes the times into the lock and leaves the service as it was', async () => {
  const lockFile = path.join(world.folder, 'plimsoll.lock');
  const environment = { data: {}, deviceClasses: [], runtime: {}, evidence: {} };
  await writeFile(lockFile, lockText({ lockVersion: 1, service: 'tiny', environments: { default: environment } }));
  const before = await world.tryView();
  load.take();
  const { status, stderr } = await world.command('rollback', '--drill');
  expect([status, stderr]).toEqual([0, expect.stringContaining('drill: back at version')]);
  const { failures } = load.take();
  expect(failures).toEqual([]);
  const after = await world.tryView();
  const versionOf = (view: typeof after): number | undefined =>
    view?.releases.find(({ number }) => number === view.deployment?.live)?.model.version;
  expect(versionOf(after)).toBe(versionOf(before));
  expect(after?.bars).toEqual([]);
  const { evidence } = readLock(await readFile(lockFile), 'plimsoll.lock').environments['default'] ?? {};
  expect(evidence?.rollback?.measurements).toMatchObject({ warm: true, failed: 0 });
  const { thereMs, backMs, goldenCases, goldenReproduced } = evidence?.rollback?.measurements ?? {};
  expect(Number(thereMs)).toBeLessThan(5_000);
  expect(Number(backMs)).toBeLessThan(5_000);
  expect(goldenReproduced).toBe(goldenCases);
  expect(Number(goldenCases)).toBeGreaterThan(0);
});

it('comes back from a drill that Ctrl-C ends, wherever it is, and says that it was interrupted', async () => {
  const before = await world.tryView();
  const { status, stderr } = await world.interrupted('goes to the one before', 'rollback', '--drill');
  expect([status, stderr]).toEqual([3, expect.stringMatching(/drill: back at version \d+\nplimsoll: interrupted/)]);
  const after = await world.tryView();
  const versionOf = (view: typeof after): number | undefined =>
    view?.releases.find(({ number }) => number === view.deployment?.live)?.model.version;
  expect(versionOf(after)).toBe(versionOf(before));
  expect(after?.deployment?.live).toBeGreaterThan(before?.deployment?.live ?? Infinity);
  expect(after?.bars).toEqual([]);
});
