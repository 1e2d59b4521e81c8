import { remoteTooLarge } from '../../core/registry/remote-errors.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { WritablePlace } from '../../ports/artifacts/writable-place.ts';
import { Bucket, type S3Options } from './s3-bucket.ts';
import { hexOf, objectBytesAtMost, openUploads } from './s3-uploads.ts';

/** Writes below `s3://BUCKET/PREFIX`, and replaces nothing: an object that is there is known by the SHA-256 it states. */
export function openS3WritablePlace(
  options: S3Options,
  { partBytesAtLeast }: { readonly partBytesAtLeast?: number } = {},
): WritablePlace {
  const bucket = new Bucket(options);
  const location = options.uri.replace(/\/$/, '');
  const { prefix } = bucket;
  const uploads = openUploads(bucket, location, false, partBytesAtLeast);

  const isThere = async ({ digest, bytes }: ArtifactFile, key: string, signal: AbortSignal): Promise<boolean> => {
    const found = await uploads.stated(key, signal);
    return found !== null && found.bytes === bytes && found.sha256 === hexOf(digest);
  };

  return {
    location,
    async put(files, read, signal) {
      const byKey = new Map(files.map((file) => [`${prefix}${file.path}`, file] as const));
      const large = files.find(({ bytes }) => bytes > objectBytesAtMost);
      if (large !== undefined) throw remoteTooLarge(location, `${large.path}, of more than 5 TiB`);
      const { objects } = await bucket.list(prefix, '', signal);
      const foreign = objects.find(({ key }) => !byKey.has(key));
      if (foreign !== undefined) throw notEmpty(location, foreign.key);
      const present = new Set<string>();
      for (const { key } of objects) {
        const file = byKey.get(key);
        if (file !== undefined && !(await isThere(file, key, signal))) throw notEmpty(location, key);
        present.add(key);
      }
      let sent = 0;
      for (const [key, file] of byKey) {
        if (present.has(key)) continue;
        const isMine = await uploads.put(file, key, read, signal);
        if (!isMine && !(await isThere(file, key, signal))) throw notEmpty(location, key);
        sent += 1;
      }
      return { sent };
    },
    close: () => bucket.close(),
  };
}

function notEmpty(location: string, key: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-not-empty',
    category: 'conflict',
    message: `${location} holds something else: ${key.slice(0, 300)} is no file of this version; nothing there was replaced`,
    next: 'push to a prefix of its own for each version: s3://BUCKET/NAME/VERSION',
    details: { location, key: key.slice(0, 300) },
  });
}
