import { expect, it } from 'vitest';
import { exitStatusOfError } from '../../cli/exit-status.ts';
import type { PlimsollError } from '../../core/units/errors.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { openOperations } from './open-operations.ts';

const contract =
  'apiVersion: plimsoll.dev/v1\nservice: digits\ncode: { command: [plimsoll, serve-model] }\nmodel: { name: digits, version: "1" }\n';

async function open(env: Readonly<Record<string, string>>) {
  const [store, blobs] = [memoryStore(), memoryBlobs()];
  const operations = await openOperations({
    ...{ version: '0.0.0', env, user: 'ada', clock: new FakeClock(), signal: new AbortController().signal },
    project: async () => makeMemoryProject({ contract }),
    environment: async () => 'default',
    store: async () => store,
    blobs: async () => blobs,
    platform: () => Promise.reject(new Error('this test has no platform')),
  });
  return { store, operations, request: await aReleaseRequest(blobs, 1) };
}

it('without a control plane a release is recorded as requested where the store is a file', async () => {
  const { store, operations, request } = await open({});
  expect(await operations.release(request)).toMatchObject({ outcome: 'requested', release: null, ask: { by: 'ada' } });
  expect(await store.releases('digits', 'default')).toEqual([]);
  expect(await store.releaseAsks('digits', 'default')).toMatchObject([{ state: 'requested', bundle: request.bundle }]);
});

it('and is refused, with nothing recorded, where several control planes may share the store', async () => {
  const { store, operations, request } = await open({ DATABASE_URL: 'postgresql://plimsoll@db.example/plimsoll' });
  const thrown: unknown = await operations.release(request).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ code: 'control-plane-needed', next: expect.stringContaining('plimsoll up') });
  expect(exitStatusOfError((thrown as PlimsollError).category)).toBe(3);
  expect(await store.releaseAsks('digits', 'default')).toEqual([]);
  expect(await store.events({ service: 'digits', environment: 'default' })).toEqual([]);
});
