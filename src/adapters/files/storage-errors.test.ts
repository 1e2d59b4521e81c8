import { expect, it } from 'vitest';
import { storageError } from './storage-errors.ts';

const refused = (code: string): Error => Object.assign(new Error(code), { code, syscall: 'mkdir' });
const place = '/nowhere/state';
const of = (code: string, why: string | null): Promise<unknown> =>
  storageError(refused(code), 'making the state folder', place, () => Promise.resolve(why));

it('tells a read-only disk, where Node says that a folder is not there', async () => {
  const found = await of('ENOENT', 'EROFS');
  expect(found).toMatchObject({ code: 'storage-denied', details: { systemCode: 'EROFS' } });
  expect(String(found)).toContain('a read-only file system making the state folder at /nowhere/state');
  expect(found).toMatchObject({ next: expect.stringContaining('findmnt') });
  expect(found).not.toMatchObject({ next: expect.stringContaining('dmesg') });
});

it('tells a folder that may not be written likewise, and leaves other codes alone', async () => {
  expect(await of('ENOENT', 'EACCES')).toMatchObject({ code: 'storage-denied', details: { systemCode: 'EACCES' } });
  expect(await of('ENOENT', null)).toMatchObject({ code: 'storage-failed', details: { systemCode: 'ENOENT' } });
  expect(await of('ENOSPC', 'EROFS')).toMatchObject({ code: 'storage-full' });
});
