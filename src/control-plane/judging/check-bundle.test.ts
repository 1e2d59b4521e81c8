import { expect, it } from 'vitest';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { testEnvironment as environment } from '../../testing/builders/rollout-builders.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';
import { testJudging } from '../../testing/rigs/test-judging.ts';

it.each([
  ['another namespace than the control plane', 'vision', 'platform-contradicted'],
  // The next refusal: the lock of the test names no image.
  ['its namespace', 'here', 'lock-out-of-step'],
])('a contract that places its replicas in %s: %s, %s', async (_what, namespace, code) => {
  const world = await openStoreOperations(undefined, (blobs) => {
    const judging = testJudging(blobs);
    const cluster = { namespace: 'here', nodes: () => Promise.resolve([]), runtime: () => Promise.resolve({}) };
    return { ...judging, nodes: { ...judging.nodes, platform: 'kubernetes', cluster } };
  });
  const environments = { [environment]: { platform: 'kubernetes', namespace } };
  const request = await aReleaseRequest(world.blobs, 1, { contract: { code: { image: 'a/b:1' }, environments } });
  await expect(world.operationsFor('ada').release(request)).rejects.toMatchObject({ code });
});
