import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownerOnly } from '../../ports/process/write-durably.ts';
import { writeDurably } from './write-durably.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-write-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => path.join(folder, name);

describe('writing a file durably', () => {
  it('gives it exact permissions where they are asked for, whatever the umask is', async () => {
    const umask = process.umask(0o077);
    try {
      await writeDurably(at('exact'), 'x', { doing: 'writing', mode: 0o444, isModeExact: true });
      await writeDurably(at('usual'), 'x', { doing: 'writing', mode: 0o444 });
    } finally {
      process.umask(umask);
    }
    expect([statSync(at('exact')).mode & 0o777, statSync(at('usual')).mode & 0o777]).toEqual([0o444, 0o400]);
  });

  it('writes through a link, which stays one', async () => {
    mkdirSync(at('elsewhere'));
    writeFileSync(at('elsewhere/real.lock'), 'old');
    symlinkSync('elsewhere/real.lock', at('plimsoll.lock'));
    await writeDurably(at('plimsoll.lock'), 'new', { doing: 'writing the lock' });
    expect(lstatSync(at('plimsoll.lock')).isSymbolicLink()).toBe(true);
    expect(readFileSync(at('elsewhere/real.lock'), 'utf8')).toBe('new');
  });

  it('writes the file that a link leads to before it is there', async () => {
    symlinkSync('later.lock', at('plimsoll.lock'));
    await writeDurably(at('plimsoll.lock'), 'new', { doing: 'writing the lock' });
    expect(lstatSync(at('plimsoll.lock')).isSymbolicLink()).toBe(true);
    expect(readFileSync(at('later.lock'), 'utf8')).toBe('new');
  });

  it('refuses a link that leads to itself', async () => {
    symlinkSync('plimsoll.lock', at('plimsoll.lock'));
    await expect(writeDurably(at('plimsoll.lock'), 'new', { doing: 'writing the lock' })).rejects.toMatchObject({
      code: 'storage-misplaced',
    });
  });

  it('makes the folder, unless that must be there', async () => {
    await writeDurably(at('run/up.json'), 'new', { doing: 'writing', mode: ownerOnly });
    expect(readFileSync(at('run/up.json'), 'utf8')).toBe('new');
    expect(statSync(at('run/up.json')).mode & 0o777).toBe(0o600);
    const typed = writeDurably(at('tpyo/page.html'), 'new', { doing: 'writing the page', folderMustExist: true });
    await expect(typed).rejects.toMatchObject({ details: { systemCode: 'ENOENT' } });
    expect(existsSync(at('tpyo'))).toBe(false);
  });

  it('leaves the old content and nothing beside it when it fails', async () => {
    mkdirSync(at('plimsoll.lock'));
    await expect(writeDurably(at('plimsoll.lock'), 'new', { doing: 'writing the lock' })).rejects.toMatchObject({
      code: 'storage-misplaced',
    });
    expect(readdirSync(folder)).toEqual(['plimsoll.lock']);
  });

  it('removes what a killed writer left of the same file, and nothing else', async () => {
    const old = ['plimsoll.lock.0123456789ab.tmp', 'other.lock.0123456789ab.tmp', 'plimsoll.lock.backup.tmp'];
    for (const name of old) {
      writeFileSync(at(name), 'half');
      utimesSync(at(name), new Date(0), new Date(0));
    }
    writeFileSync(at('plimsoll.lock.ba9876543210.tmp'), 'being written');
    await writeDurably(at('plimsoll.lock'), 'new', { doing: 'writing the lock' });
    expect(existsSync(at('plimsoll.lock.0123456789ab.tmp'))).toBe(false);
    expect(existsSync(at('other.lock.0123456789ab.tmp'))).toBe(true);
    expect(existsSync(at('plimsoll.lock.backup.tmp'))).toBe(true);
    expect(existsSync(at('plimsoll.lock.ba9876543210.tmp'))).toBe(true);
  });
});
