import { expect, it } from 'vitest';
import { remoteModelUnknown } from '../../core/registry/remote-errors.ts';
import { feastRegistry } from '../../testing/builders/files/feast-encoder.ts';
import { readFeastSources } from '../../formats/feast/read-feast-sources.ts';
import type { RemoteFiles } from '../../ports/artifacts/model-registry.ts';
import { pinFeatureViews } from './pin-feature-views.ts';

const uri = 's3://bucket/registry.pb';
const registry = feastRegistry({ views: [{ name: 'stats', features: { rate: 6 } }] });
const { signal } = new AbortController();

/** A project whose one registry is in a bucket. */
const project = {
  featureViews: async (read?: (uri: string) => Promise<Uint8Array>) =>
    read === undefined ? null : readFeastSources([{ registry: uri, featureViews: ['stats'] }], read),
};

function bucketOf(...paths: readonly string[]): RemoteFiles {
  return {
    files: paths.map((path) => ({ path, bytes: null, digest: null })),
    async *read() {
      // The memory of a chunk is used again for the next.
      const chunk = new Uint8Array(16);
      for (let at = 0; at < registry.length; at += chunk.length) {
        chunk.set(registry.subarray(at, at + chunk.length));
        yield chunk.subarray(0, Math.min(chunk.length, registry.length - at));
      }
    },
  };
}
const pin = (remotePlace: () => Promise<RemoteFiles>) => pinFeatureViews(project, { remotePlace, signal });

it('reads a registry that is the one object at an address', async () => {
  const { featureViews } = await pin(async () => bucketOf('registry.pb'));
  expect(Object.keys(featureViews ?? {})).toEqual(['rides/stats']);
});

it('says that there is no registry where nothing is, or a folder', async () => {
  const missing = { code: 'feast-registry-missing', category: 'unavailable' };
  await expect(pin(async () => bucketOf('a', 'b'))).rejects.toMatchObject(missing);
  await expect(pin(() => Promise.reject(remoteModelUnknown(uri, 'registry.pb')))).rejects.toMatchObject(missing);
  await expect(pin(() => Promise.reject(new RangeError('a bug')))).rejects.toThrow('a bug');
});
