import { PlimsollError } from '../../../core/units/errors.ts';
import { readBytes } from '../../../core/units/quantity/quantity-bytes.ts';

export type BlobsEnv = Readonly<Record<string, string | undefined>>;

export interface BlobsSettings {
  /** `s3://BUCKET/PREFIX`; null for the state folder. */
  readonly place: string | null;
  /** Null where nothing bounds them but the disk. */
  readonly quotaBytes: number | null;
  /** Of the files of this machine that objects of `place` are read from. */
  readonly cacheBytesAtMost: number;
}

const usualCacheBytes = 50 * 2 ** 30;

/** What the environment says of the blobs. @throws PlimsollError `blobs-setting-invalid` (input). */
export function readBlobsSettings(env: BlobsEnv): BlobsSettings {
  const place = env['PLIMSOLL_BLOBS'] ?? '';
  if (place !== '' && !/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/|$)/.test(place)) {
    throw invalid('PLIMSOLL_BLOBS', place, 's3://BUCKET or s3://BUCKET/PREFIX');
  }
  return {
    place: place === '' ? null : place,
    quotaBytes: bytesOf(env, 'PLIMSOLL_BLOBS_QUOTA'),
    cacheBytesAtMost: bytesOf(env, 'PLIMSOLL_BLOBS_CACHE') ?? usualCacheBytes,
  };
}

function bytesOf(env: BlobsEnv, name: string): number | null {
  const text = env[name] ?? '';
  if (text === '') return null;
  const read = readBytes(text);
  if (read.ok && read.value > 0) return read.value;
  throw invalid(name, text, 'a size above 0 such as 200GB or 200GiB');
}

function invalid(name: string, text: string, form: string): PlimsollError {
  return new PlimsollError({
    code: 'blobs-setting-invalid',
    category: 'input',
    message: `${name}=${text.slice(0, 200)} in the environment is not ${form}`,
    next: `export ${name}=... as ${form}, or unset it`,
    details: { name },
  });
}
