import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { completeEntries, makeFile, makeFolder, makeLink } from './image-entry.ts';
import { writeTar } from './write-tar.ts';

const longName = `${'folder/'.repeat(30)}näme`;
const entries = [
  makeFile('usr/bin/tool', 'run', true),
  makeFile(longName, 'deep'),
  makeLink('bin', 'usr/bin'),
  makeLink('far', longName),
  makeFolder('tmp', { mode: 0o1777 }),
  makeFolder('home', { owner: 65_532 }),
  makeFile('empty', ''),
  makeFile('block', 'x'.repeat(512)),
];
const archiveOf = (listed: typeof entries): Buffer => Buffer.concat([...writeTar(completeEntries(listed))]);

describe('the archive of a layer', () => {
  it('is read by tar, with names, kinds, modes, owners and times', () => {
    const listed = spawnSync('tar', ['--numeric-owner', '-tvf', '-'], {
      input: archiveOf(entries),
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
    });
    expect(listed.stderr).toBe('');
    const lines = listed.stdout
      .trim()
      .split('\n')
      .filter((line) => !line.endsWith('folder/'));
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00 bin -> usr/bin',
      '-rw-r--r-- 0/0 512 1970-01-01 00:00 block',
      '-rw-r--r-- 0/0 0 1970-01-01 00:00 empty',
      `lrwxrwxrwx 0/0 0 1970-01-01 00:00 far -> ${longName}`,
      `-rw-r--r-- 0/0 4 1970-01-01 00:00 ${longName}`,
      'drwxr-xr-x 65532/65532 0 1970-01-01 00:00 home/',
      'drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/bin/',
      '-rwxr-xr-x 0/0 3 1970-01-01 00:00 usr/bin/tool',
    ]);
    const deep = spawnSync('tar', ['-xOf', '-', longName], { input: archiveOf(entries), encoding: 'utf8' });
    expect(deep.stdout).toBe('deep');
  });

  it('is the same whatever the order of its entries', () => {
    expect(archiveOf(entries.toReversed()).equals(archiveOf(entries))).toBe(true);
  });

  it.each([98, 99, 100, 101, 102, 110, 992, 993])('holds a name of %d bytes', (length) => {
    const name = `${'d/'.repeat(Math.floor((length - 1) / 2))}${'f'.repeat(length % 2 === 0 ? 2 : 1)}`;
    const archive = Buffer.concat([...writeTar([makeFile(name, 'a')])]);
    expect(spawnSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8' }).stdout).toBe(`${name}\n`);
  });

  it('is refused for two entries of one path', () => {
    expect(() => completeEntries([makeFile('a', '1'), makeFile('a', '2')])).toThrow(/two entries .* path a/);
  });
});
