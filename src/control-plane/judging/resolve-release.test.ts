import { describe, expect, it } from 'vitest';
import { makeWorkload } from '../../core/rollout/workload.ts';
import { bundleBytes } from '../../core/bundle/bundle.ts';
import { aStoredBundle, storedModel } from '../../testing/builders/release-fixture.ts';
import { testEnvironment } from '../../testing/builders/rollout-builders.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { testJudging, testMachine } from '../../testing/rigs/test-judging.ts';
import { resolveRelease } from './resolve-release.ts';

it.each([
  [{ accelerator: 'nvidia', devices: 4 }, 4],
  [{ accelerator: 'nvidia' }, 1],
  [{ accelerator: 'cpu' }, 0],
  [null, 0],
])('a replica by the hardware section %j has %i accelerators', async (hardware, devices) => {
  const blobs = memoryBlobs();
  const model = await storedModel(blobs, 1);
  const { digest } = await blobs.put(bundleBytes(await aStoredBundle(blobs, 1, { contract: { hardware } })));
  const opened = await testJudging(blobs, testMachine).shelf.open(digest);
  const { code } = resolveRelease(opened, testEnvironment, model.digest, model);
  expect(makeWorkload(code, model).devices).toBe(devices);
});

it.each([
  [{ owner: 'search' }, 'search'],
  [{ owner: null }, undefined],
])('%j is the owner %s', async (contract, owner) => {
  const blobs = memoryBlobs();
  const model = await storedModel(blobs, 1);
  const { digest } = await blobs.put(bundleBytes(await aStoredBundle(blobs, 1, { contract })));
  const opened = await testJudging(blobs, testMachine).shelf.open(digest);
  expect(resolveRelease(opened, testEnvironment, model.digest, model).owner).toBe(owner);
});

describe('a release in a cluster', () => {
  const resolve = async (contract: Readonly<Record<string, unknown>>) => {
    const blobs = memoryBlobs();
    const model = await storedModel(blobs, 1);
    const { digest } = await blobs.put(bundleBytes(await aStoredBundle(blobs, 1, { contract })));
    const opened = await testJudging(blobs, testMachine).shelf.open(digest);
    const { code, replicas } = resolveRelease(opened, testEnvironment, model.digest, model);
    return { workload: makeWorkload(code, model), replicas };
  };
  const environments = (platform: string, more = {}) => ({ [testEnvironment]: { platform, pool: 'nodes', ...more } });
  const scaling = { signal: 'queue-depth', replicas: { min: 1, max: 4 }, actuator: 'keda' };

  it('says who sets the number, where it is not Plimsoll', async () => {
    expect((await resolve({ environments: environments('kubernetes'), scaling })).replicas).toMatchObject({
      actuator: 'keda',
    });
    expect((await resolve({ scaling })).replicas).toEqual({ min: 1, max: 4 });
    const own = { ...scaling, actuator: 'plimsoll' };
    const { replicas } = await resolve({ environments: environments('kubernetes'), scaling: own });
    expect(replicas).toEqual({ min: 1, max: 4 });
  });

  it('says what a replica takes of its node, and which nodes it may go to', async () => {
    const hardware = { accelerator: 'cpu', host: { cpus: 0.5, memory: '2GiB' } };
    const selector = { zone: 'a' };
    const { workload } = await resolve({ hardware, environments: environments('kubernetes', { selector }) });
    expect(workload).toMatchObject({ host: { cpus: 0.5, memoryBytes: 2 ** 31 }, selector });
    const bare = (await resolve({ hardware: { accelerator: 'cpu' } })).workload;
    expect([bare.host, bare.selector]).toEqual([undefined, undefined]);
  });

  it('names the runtime class of its environment, where it takes accelerators', async () => {
    const there = environments('kubernetes', { runtimeClass: 'nvidia' });
    const onDevices = await resolve({ hardware: { accelerator: 'nvidia' }, environments: there });
    expect(onDevices.workload.runtimeClass).toBe('nvidia');
    const onCpus = await resolve({ hardware: { accelerator: 'cpu' }, environments: there });
    expect(onCpus.workload.runtimeClass).toBeUndefined();
  });

  it.each([
    ['kubernetes', { devices: 2 }, { shmBytes: 2 ** 31 }],
    ['kubernetes', { devices: 2, host: { cpus: 4 } }, { cpus: 4, shmBytes: 2 ** 31 }],
    ['kubernetes', { devices: 2, host: { shmSize: '8GiB' } }, { shmBytes: 2 ** 33 }],
    ['kubernetes', { host: { shmSize: '256MiB' } }, { shmBytes: 2 ** 28 }],
    ['kubernetes', {}, undefined],
    ['local', { devices: 2 }, undefined],
  ])('on %s gives %j the shared memory of its host share %j', async (platform, more, host) => {
    const hardware = { accelerator: 'nvidia', ...more };
    expect((await resolve({ hardware, environments: environments(platform) })).workload.host).toEqual(host);
  });
});
