import { expect, it } from 'vitest';
import { requireOwnStore } from './open-collection.ts';

it('collects where the store of all who name the blobs is: in the folder, or with a database', () => {
  for (const env of [
    {},
    { DATABASE_URL: 'postgresql://db/plimsoll' },
    { PLIMSOLL_BLOBS: 's3://team', DATABASE_URL: 'postgresql://db/plimsoll' },
    { PLIMSOLL_SERVER: '', PLIMSOLL_BLOBS: '' },
  ]) {
    expect(() => requireOwnStore(env)).not.toThrow();
  }
});

it.each([
  [{ PLIMSOLL_SERVER: 'https://plane' }, 'PLIMSOLL_SERVER names a control plane elsewhere'],
  [{ PLIMSOLL_BLOBS: 's3://team/a' }, 'the blobs are in s3://team/a, and the records in this state folder'],
])('refuses %j', (env, says) => {
  expect(() => requireOwnStore(env)).toThrow(says);
});
