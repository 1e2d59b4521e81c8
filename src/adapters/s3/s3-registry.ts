import { remoteModelUnknown, remoteVersionUnknown } from '../../core/registry/remote-errors.ts';
import type { ModelRegistry, RemoteFiles } from '../../ports/artifacts/model-registry.ts';
import { Bucket, lastPart, type S3Options } from './s3-bucket.ts';

/** A bucket laid out as `PREFIX/NAME/VERSION/files`, the layout of Triton's model repositories; S3 has no aliases. */
export function makeS3Registry(options: S3Options): ModelRegistry {
  const bucket = new Bucket(options);
  const { prefix } = bucket;
  return {
    location: options.uri,
    names: async (signal) => (await bucket.list(prefix, '/', signal)).folders.map(lastPart).sort(),
    async versions(name, signal) {
      const { folders } = await bucket.list(`${prefix}${name}/`, '/', signal);
      if (folders.length === 0) throw remoteModelUnknown(options.uri, name);
      return folders
        .map((folder) => ({
          version: lastPart(folder),
          digest: null,
          state: 'ready' as const,
          createdAtMs: null,
          note: null,
        }))
        .sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
    },
    async aliases(name, signal) {
      const { folders } = await bucket.list(`${prefix}${name}/`, '/', signal);
      if (folders.length === 0) throw remoteModelUnknown(options.uri, name);
      return {};
    },
    async files(name, version, signal) {
      const place = await bucket.files(`${prefix}${name}/${version}/`, signal);
      if (place.files.length === 0) throw remoteVersionUnknown(options.uri, name, version);
      return place;
    },
    close: () => bucket.close(),
  };
}

/** The objects below an address, or the one object that it names. */
export async function openS3Place(options: S3Options, signal: AbortSignal): Promise<RemoteFiles> {
  const bucket = new Bucket(options);
  const place = await bucket.files(bucket.prefix, signal);
  if (place.files.length > 0) return place;
  const single = await bucket.files(bucket.prefix.replace(/\/$/, ''), signal, true);
  if (single.files.length > 0) return single;
  throw remoteModelUnknown(options.uri, bucket.prefix || '(the whole bucket)');
}
