/** Golden replays alone, without captured requests and without an alarm: the node that is proven is isolated, and a spare serves. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import { releaseDoubler } from '../../servers/released-doubler.ts';
import type { UserProject } from '../../user-project.ts';

const soon = { timeout: 60_000, interval: 200 };
let project: UserProject;

beforeAll(async () => {
  project = await releaseDoubler('onAlarm: isolate');
}, 120_000);
afterAll(async () => {
  expect((await project.stop()).left).toBe(0);
  project.remove();
});

const events = (kind: string): Promise<readonly StoredEvent[]> => project.events(kind);

it('a replica whose golden replays fail is isolated, once, with the node as its cause', async () => {
  const ready = async () => (await project.view()).replicas.filter(({ state }) => state === 'ready').length;
  await expect.poll(ready, soon).toBe(2);
  project.write('fault', 'all');
  await expect.poll(async () => (await project.events('drift.remedied')).length, soon).toBe(1);
  const [diverged] = await events('replica.diverged');
  const [remedied] = await events('drift.remedied');
  const { replicaId } = diverged?.data as { readonly replicaId: string };
  expect(diverged?.data).toMatchObject({ cause: 'node' });
  expect(remedied).toMatchObject({
    by: 'watch',
    data: { what: 'replica', name: replicaId, did: 'isolate', replicas: [replicaId] },
  });
  // The isolated one, the other one and the spare.
  await expect.poll(ready, soon).toBe(3);
  const { status, stdout } = await project.plimsoll('golden', 'status');
  expect([status, stdout]).toEqual([1, expect.stringContaining(`the watch isolated ${replicaId}`)]);
  expect(await events('drift.remedied')).toHaveLength(1);
}, 120_000);
