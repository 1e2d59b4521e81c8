import { expect, it } from 'vitest';
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
