import { createHash } from 'node:crypto';
import { remoteAnswer } from '../../core/registry/remote-errors.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import type { Digest } from '../../core/units/digest.ts';
import { MayPass, textIn, unescaped, type Answer, type Bucket } from './s3-bucket.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const limits = { partBytesAtLeast: 64 * 1024 * 1024, parts: 10_000 };
export const objectBytesAtMost = 5 * 1024 ** 4;
const sha256Name = 'x-amz-meta-plimsoll-sha256';
const abortAtMostMs = 5_000;

export type Read = (digest: Digest, from: number, length: number) => AsyncIterable<Uint8Array>;

/** An object as its own headers tell of it. */
export interface StatedObject {
  readonly bytes: number;
  /** In hexadecimal; empty where nobody stated it. */
  readonly sha256: string;
  readonly etag: string;
  readonly storedAtMs: number;
}

export interface Uploads {
  /** Null where there is no such object. */
  stated(key: string, signal: AbortSignal): Promise<StatedObject | null>;
  /** False where another object was there first: then nothing is replaced. */
  put(file: ArtifactFile, key: string, read: Read, signal: AbortSignal): Promise<boolean>;
}

/**
 * Uploads to one bucket. Files of more than one part go in parts, so that no request carries more than a part and a cut
 * costs one of them: parts of 64 MiB, larger only where 10,000 of them would not hold the file. Every request states the
 * SHA-256 of what it carries, which the server holds it to, and the object states that of the whole.
 * @param replacing whether an object that is there is replaced. S3 does so in one step: a reader gets the one or the other.
 */
export function openUploads(
  bucket: Bucket,
  location: string,
  replacing: boolean,
  partBytesAtLeast = limits.partBytesAtLeast,
): Uploads {
  const condition: Readonly<Record<string, string>> = replacing ? {} : { 'if-none-match': '*' };

  /** Null where there is no such object. */
  const stated = (key: string, signal: AbortSignal): Promise<StatedObject | null> =>
    bucket.retrying(signal, async () => {
      const answer = await bucket.send(bucket.urlOf(key), {}, signal, { method: 'HEAD' });
      if (answer.statusCode === 404) return ended(answer, null);
      if (answer.statusCode !== 200) await bucket.text(answer, signal);
      const { [sha256Name]: sha256, 'content-length': bytes, etag, 'last-modified': stored } = answer.headers;
      return ended(answer, {
        bytes: Number(bytes),
        sha256: String(sha256 ?? ''),
        etag: String(etag ?? ''),
        storedAtMs: Date.parse(String(stored)),
      });
    });

  const putWhole = async (file: ArtifactFile, key: string, read: Read, signal: AbortSignal): Promise<boolean> => {
    const { digest, bytes } = file;
    const body = { bytes, sha256: hexOf(digest), read: () => (bytes === 0 ? '' : read(digest, 0, bytes)) };
    const headers = { [sha256Name]: hexOf(digest), ...condition };
    return bucket.retrying(signal, async () => {
      const answer = await bucket.send(bucket.urlOf(key), headers, signal, { method: 'PUT', body });
      return !(await settled(answer, signal));
    });
  };

  /** True where somebody was first. Two at once are told to come back: 409. */
  const settled = async (answer: Answer, signal: AbortSignal): Promise<boolean> => {
    if (answer.statusCode === 412) return ended(answer, true);
    if (answer.statusCode === 409) return ended(answer, Promise.reject(new MayPass('it answers 409')));
    await bucket.text(answer, signal);
    return false;
  };

  const putInParts = async (file: ArtifactFile, key: string, read: Read, signal: AbortSignal): Promise<boolean> => {
    const upload = await begin(file, key, signal);
    try {
      const etags: string[] = [];
      const partBytes = partBytesOf(file.bytes, partBytesAtLeast);
      for (let from = 0; from < file.bytes; from += partBytes) {
        const length = Math.min(partBytes, file.bytes - from);
        etags.push(await putPart(file, key, upload, { number: etags.length + 1, from, length }, read, signal));
      }
      if (!(await complete(key, upload, etags, signal))) return true;
    } catch (thrown) {
      await abandon(key, upload);
      throw thrown;
    }
    await abandon(key, upload);
    return false;
  };

  const begin = (file: ArtifactFile, key: string, signal: AbortSignal): Promise<string> =>
    bucket.retrying(signal, async () => {
      const url = bucket.urlOf(key);
      url.searchParams.set('uploads', '');
      const headers = { [sha256Name]: hexOf(file.digest) };
      const xml = await bucket.text(await bucket.send(url, headers, signal, { method: 'POST' }), signal);
      const upload = unescaped(textIn(xml, 'UploadId'));
      if (upload === '') throw remoteAnswer(location, 'an upload in parts without a name');
      return upload;
    });

  const putPart = async (
    { digest }: ArtifactFile,
    key: string,
    upload: string,
    { number, from, length }: { readonly number: number; readonly from: number; readonly length: number },
    read: Read,
    signal: AbortSignal,
  ): Promise<string> => {
    // Read twice, so that no part is held in memory.
    const hash = createHash('sha256');
    for await (const piece of read(digest, from, length)) hash.update(piece);
    const body = { bytes: length, sha256: hash.digest('hex'), read: () => read(digest, from, length) };
    const url = bucket.urlOf(key);
    url.searchParams.set('partNumber', String(number));
    url.searchParams.set('uploadId', upload);
    return bucket.retrying(signal, async () => {
      const answer = await bucket.send(url, {}, signal, { method: 'PUT', body });
      const { etag } = answer.headers;
      await bucket.text(answer, signal);
      if (typeof etag !== 'string') throw remoteAnswer(location, 'a part without an ETag');
      return etag;
    });
  };

  /** True where somebody else's object is there by now. A 200 may hold an error: it is sent before the work is done. */
  const complete = (key: string, upload: string, etags: readonly string[], signal: AbortSignal): Promise<boolean> =>
    bucket.retrying(signal, async () => {
      const url = bucket.urlOf(key);
      url.searchParams.set('uploadId', upload);
      const parts = etags.map(
        (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`,
      );
      const xml = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
      const sha256 = createHash('sha256').update(xml).digest('hex');
      const body = { bytes: Buffer.byteLength(xml), sha256, read: () => xml };
      const answer = await bucket.send(url, condition, signal, { method: 'POST', body });
      // Gone: an attempt before this one did it, and its answer was lost.
      if (answer.statusCode === 404 || answer.statusCode === 412) return ended(answer, true);
      if (answer.statusCode === 409) return ended(answer, Promise.reject(new MayPass('it answers 409')));
      const told = await bucket.text(answer, signal);
      if (/<Error>/.test(told)) throw new MayPass(`it answers ${textIn(told, 'Code')}`);
      return false;
    });

  /** Parts that nobody finishes are kept, and paid for. */
  const abandon = async (key: string, upload: string): Promise<void> => {
    const url = bucket.urlOf(key);
    url.searchParams.set('uploadId', upload);
    await bucket
      .send(url, {}, AbortSignal.timeout(abortAtMostMs), { method: 'DELETE' })
      .then((answer) => ended(answer, null))
      .catch(() => null);
  };

  return {
    stated,
    put: (file, ...rest) => (file.bytes > partBytesAtLeast ? putInParts : putWhole)(file, ...rest),
  };
}

/** As small as 10,000 parts allow. */
export function partBytesOf(bytes: number, atLeast: number): number {
  const mebibyte = 1024 * 1024;
  if (bytes <= atLeast * limits.parts) return atLeast;
  return Math.ceil(bytes / limits.parts / mebibyte) * mebibyte;
}

export const hexOf = (digest: Digest): string => digest.slice('sha256:'.length);
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

export async function ended<T>(answer: Answer, value: T | Promise<T>): Promise<T> {
  await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
  return value;
}
