import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { presentCommit, presentDigests } from './source-digest.ts';

let root: string;
const git = (...args: string[]): void => {
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.invalid', ...args], { cwd: root, stdio: 'ignore' });
};
const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
const digest = (...sources: string[]): string | undefined =>
  presentDigests(root, new Map([['it', sources]]))?.get('it');

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'plimsoll-figures-'));
  git('init', '-q');
  write('src/a.ts', 'one');
  write('src/a.test.ts', 'one');
  write('src/deep/b.ts', 'two');
  write('other/c.ts', 'three');
  git('add', '.');
  git('commit', '-qm', 'first');
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('the digest of a set of sources', () => {
  it('moves when a file of the set is changed, added, renamed or removed, committed or not', () => {
    const seen = new Set([digest('src')]);
    write('src/a.ts', 'changed');
    seen.add(digest('src'));
    write('src/new.ts', 'one');
    git('add', '.');
    seen.add(digest('src'));
    git('mv', 'src/new.ts', 'src/newer.ts');
    seen.add(digest('src'));
    rmSync(path.join(root, 'src/deep/b.ts'));
    seen.add(digest('src'));
    expect(seen.size).toBe(5);
  });

  it('stays with changes outside the set, to tests, and of what git does not track', () => {
    const before = digest('src');
    write('other/c.ts', 'changed');
    write('src/a.test.ts', 'changed');
    write('src/untracked.ts', 'new');
    expect(digest('src')).toBe(before);
    expect(digest('src', 'other')).not.toBe(before);
  });

  it('is not known outside a checkout', () => {
    rmSync(path.join(root, '.git'), { recursive: true });
    expect(presentDigests(root, new Map([['it', ['src']]]))).toBeNull();
  });
});

describe('the commit of a figure', () => {
  it('says so where its sources are not those of the commit', () => {
    expect(presentCommit(root, ['src'])).toMatch(/^[0-9a-f]{7,}$/);
    write('src/a.ts', 'changed');
    expect(presentCommit(root, ['src'])).toMatch(/^[0-9a-f]{7,}\+$/);
    expect(presentCommit(root, ['other'])).toMatch(/^[0-9a-f]{7,}$/);
  });
});
