import { expect, it } from 'vitest';
import { readBlobsSettings } from './blobs-settings.ts';

it('keeps blobs in the state folder, without a quota, where nothing is said', () => {
  const usual = { place: null, quotaBytes: null, cacheBytesAtMost: 50 * 2 ** 30 };
  expect(readBlobsSettings({})).toEqual(usual);
  expect(readBlobsSettings({ PLIMSOLL_BLOBS: '', PLIMSOLL_BLOBS_QUOTA: '', PLIMSOLL_BLOBS_CACHE: '' })).toEqual(usual);
});

it('reads a bucket, with and without a prefix, and sizes', () => {
  expect(
    readBlobsSettings({ PLIMSOLL_BLOBS: 's3://team', PLIMSOLL_BLOBS_QUOTA: '200GB', PLIMSOLL_BLOBS_CACHE: '1GiB' }),
  ).toEqual({ place: 's3://team', quotaBytes: 200e9, cacheBytesAtMost: 2 ** 30 });
  expect(readBlobsSettings({ PLIMSOLL_BLOBS: 's3://team/a/b/' }).place).toBe('s3://team/a/b/');
});

it.each([
  ['PLIMSOLL_BLOBS', '/mnt/blobs', 's3://BUCKET or s3://BUCKET/PREFIX'],
  ['PLIMSOLL_BLOBS', 's3://', 's3://BUCKET or s3://BUCKET/PREFIX'],
  ['PLIMSOLL_BLOBS', 's3://A_b/c', 's3://BUCKET or s3://BUCKET/PREFIX'],
  ['PLIMSOLL_BLOBS_QUOTA', '200', 'a size above 0 such as 200GB or 200GiB'],
  ['PLIMSOLL_BLOBS_QUOTA', '0GB', 'a size above 0 such as 200GB or 200GiB'],
  ['PLIMSOLL_BLOBS_CACHE', 'much', 'a size above 0 such as 200GB or 200GiB'],
])('refuses %s=%s by name, with the form that it has', (name, text, form) => {
  expect(() => readBlobsSettings({ [name]: text })).toThrow(`${name}=${text} in the environment is not ${form}`);
});
