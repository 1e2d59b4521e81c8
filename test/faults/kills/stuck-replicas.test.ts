import { afterEach, expect, it } from 'vitest';
import { Load } from '../../rigs/load.ts';
import { report } from '../../rigs/seeded.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';
import { World } from '../../rigs/world.ts';

/** A process that was stopped by a signal: it is there, its port is open, and nothing in it moves. */
const first = tinyModel(1);
const second = tinyModel(2);
const stuckAfter = '2s';
let world: World;
const stopped = new Set<number>();

afterEach(async () => {
  for (const pid of stopped) if (isThere(pid)) process.kill(pid, 'SIGKILL');
  stopped.clear();
  await world.close();
});

function stop(pid: number | null | undefined): number {
  if (pid === null || pid === undefined) throw new Error('no process');
  process.kill(pid, 'SIGSTOP');
  stopped.add(pid);
  return pid;
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('the only replica is ended and replaced, and the service answers again', async () => {
  world = await World.open({ replicas: 1 });
  await world.release(first, { stuckAfter });
  const [before] = await world.untilServing('it serves');
  const pid = stop(before?.pid);
  const stoppedMs = performance.now();
  await world.until('it left traffic', async () =>
    (await world.events()).some(
      ({ kind, data }) => kind === 'replica.stuck' && data['replicaId'] === before?.replicaId,
    ),
  );
  const outMs = performance.now() - stoppedMs;
  await world.until('its process is gone', () => Promise.resolve(!isThere(pid)));
  await world.until('another serves', async () => {
    const [now] = (await world.tryView())?.replicas ?? [];
    return now !== undefined && now.state === 'ready' && now.replicaId !== before?.replicaId;
  });
  const load = new Load(world.gatewayUrl, [first]);
  await world.until('clients are answered', () => Promise.resolve(load.answered > 3));
  await load.end();
  report(`stopped replica: out of traffic ${Math.round(outMs)} ms after it stood still (limit ${stuckAfter})`);
  const events = await world.events();
  const stuck = events.find(({ kind }) => kind === 'replica.stuck');
  expect(stuck?.summary).toContain('is stuck: nothing moved for');
  expect(stuck?.data['evidence']).toMatchObject({ lastLines: expect.any(Array) });
  expect(events.filter(({ kind }) => kind === 'replica.stuck')).toHaveLength(1);
  const after = events.slice(events.findIndex(({ kind }) => kind === 'replica.stuck'));
  expect(after.map(({ summary }) => summary).join('\n')).toMatch(/is failed: stuck after [\d.]+ s, ended/);
});

it('a warm replica that stands still is not gone back to: another is started beside it, and the record says so', async () => {
  world = await World.open({ replicas: 1 });
  await world.release(first, { keepPrevious: '1h', stuckAfter: '1h' });
  const [warm] = await world.untilServing('the first serves');
  await world.release(second, { keepPrevious: '1h', stuckAfter: '1h' });
  stop(warm?.pid);
  await world.until('it is seen to be silent', async () =>
    ((await world.tryView())?.replicas ?? []).some(
      (each) => each.replicaId === warm?.replicaId && each.silent !== undefined,
    ),
  );
  await world.post('/v1/rollbacks', { service: 'tiny', environment: 'default', axis: 'model', reason: 'test' });
  await world.until('the rollback is live', async () => (await world.tryView())?.deployment?.live === 3);
  const { replicas = [] } = (await world.tryView()) ?? {};
  expect(
    replicas.some((each) => each.state === 'ready' && each.release === 3 && each.replicaId !== warm?.replicaId),
  ).toBe(true);
  const words = (await world.events()).map(({ summary }) => summary).join('\n');
  expect(words).toContain(`${warm?.replicaId} was kept warm and does not answer: 1 started anew beside`);
});
