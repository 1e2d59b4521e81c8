import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cached, digestOfSources, type Cached } from './cache.ts';

let folder = '';
let notes: string[] = [];
let makes = 0;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'digits-cache-'));
  notes = [];
  makes = 0;
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function get(key = 'a'.repeat(64), meanwhile?: () => Promise<unknown>, signal?: AbortSignal): Promise<Cached> {
  const make = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
    makes += 1;
    await meanwhile?.();
    return new Map([['one.txt', Buffer.from('hello')]]);
  };
  return cached(
    { kind: 'test', key, names: ['one.txt'], note: (text) => notes.push(text), make, ...(signal && { signal }) },
    folder,
  );
}

test('a second use takes the file that is there', async () => {
  const first = await get();
  expect(first.made).toBe(true);
  expect(first.files.get('one.txt')).toMatchObject({
    bytes: 5,
    sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
  });
  expect((await get()).made).toBe(false);
  expect(makes).toBe(1);
});

test('another key is another entry', async () => {
  await get();
  await get('b'.repeat(64));
  expect(makes).toBe(2);
});

test('a changed file is never used: it is named and made anew', async () => {
  const file = (await get()).files.get('one.txt')?.path ?? '';
  writeFileSync(file, 'hallo');
  expect((await get()).made).toBe(true);
  expect(notes.join()).toContain('one.txt is not what was cached');
  expect(readFileSync(file, 'utf8')).toBe('hello');
});

test('a file that vanished is made anew, and nothing temporary is left', async () => {
  rmSync((await get()).files.get('one.txt')?.path ?? '');
  expect((await get()).made).toBe(true);
  expect(readdirSync(folder)).toEqual([`test-${'a'.repeat(16)}`]);
});

test('of two runs that make the same entry at once, the later one takes the files of the first', async () => {
  const folderWritten = (): number => statSync(path.join(folder, `test-${'a'.repeat(16)}`)).ino;
  let first = 0;
  const later = await get(undefined, async () => {
    await get();
    first = folderWritten();
  });
  expect(makes).toBe(2);
  expect(later.files.get('one.txt')?.bytes).toBe(5);
  expect(folderWritten()).toBe(first);
});

test('what another process makes is waited for, and made here where that process ended without it', async () => {
  const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 120_000)']);
  const claim = path.join(folder, `test-${'a'.repeat(16)}.making`);
  writeFileSync(claim, String(other.pid));
  const waiting = get();
  await sleep(300);
  expect(makes).toBe(0);
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect((await waiting).made).toBe(true);
  expect(readdirSync(folder)).toEqual([`test-${'a'.repeat(16)}`]);
});

test('a wait for another process ends when it is called off', async () => {
  const claim = path.join(folder, `test-${'a'.repeat(16)}.making`);
  writeFileSync(claim, String(process.ppid));
  const called = new AbortController();
  const waiting = get(undefined, undefined, called.signal);
  called.abort();
  await expect(waiting).rejects.toThrow('aborted');
});

test('the digest of sources covers folders without their tests', () => {
  expect(digestOfSources('training')).not.toBe(digestOfSources('onnx'));
  expect(digestOfSources('wilson.ts')).toMatch(/^[0-9a-f]{64}$/);
});
