import { expect, it } from 'vitest';
import { artifactDigest } from '../../core/registry/artifact.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';

/** `pickle.dumps({'a': 1})` of Python 3. */
const pickle = Buffer.from('8004950b000000000000007d948c0161944b01732e', 'hex');

it.each([
  ['by its bytes', 'model.bin', pickle],
  ['by its name', 'model.pkl', Buffer.from('weights')],
])('registers no model of a bundle that is pickled, told %s, and records the refusal', async (_, path, bytes) => {
  const { operationsFor, store, blobs } = await openStoreOperations();
  const { digest } = await blobs.put(bytes);
  const files = [{ path, digest, bytes: bytes.length }];
  const request = await aReleaseRequest(blobs, 1, { model: { files, digest: artifactDigest(files) } });
  await expect(operationsFor('ada').release(request)).rejects.toMatchObject({
    code: 'model-pickled',
    category: 'refused',
  });
  expect(await store.modelVersions('default', 'digits')).toEqual([]);
  expect((await store.events({})).map(({ kind }) => kind)).toEqual(['release.refused']);
});
