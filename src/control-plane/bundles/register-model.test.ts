import { expect, it } from 'vitest';
import { artifactDigest } from '../../core/registry/artifact.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';

it('registers no model of a bundle whose name says that it is pickled, and records the refusal', async () => {
  const bytes = Buffer.from('weights');
  const { operationsFor, store, blobs } = await openStoreOperations();
  const { digest } = await blobs.put(bytes);
  const files = [{ path: 'model.pkl', digest, bytes: bytes.length }];
  const request = await aReleaseRequest(blobs, 1, { model: { files, digest: artifactDigest(files) } });
  await expect(operationsFor('ada').release(request)).rejects.toMatchObject({
    code: 'model-pickled',
    category: 'refused',
  });
  expect(await store.modelVersions('default', 'digits')).toEqual([]);
  expect((await store.events({})).map(({ kind }) => kind)).toEqual(['release.refused']);
});
