import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { makeWorkingCopy, withoutSection } from './working-copy.ts';

const example = path.dirname(import.meta.dirname);
const scratch = mkdtempSync(path.join(tmpdir(), 'digits-copy-'));
const folder = path.join(scratch, 'copy');
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const written = (file: string): string => readFileSync(file, 'utf8');

test('a copy is the contract and what stands beside it, to the byte', () => {
  const copy = makeWorkingCopy({ from: example, folder, beside: ['server.yaml', 'nothing-of-that-name'] });
  expect(written(copy.contract)).toBe(written(path.join(example, 'plimsoll.yaml')));
  expect(written(path.join(folder, 'server.yaml'))).toBe(written(path.join(example, 'server.yaml')));
  expect(existsSync(path.join(folder, 'nothing-of-that-name'))).toBe(false);
});

test('of another model version only that line differs', () => {
  const copy = makeWorkingCopy({ from: example, folder, beside: [], modelVersion: 1 });
  const before = written(path.join(example, 'plimsoll.yaml')).split('\n');
  const after = written(copy.contract).split('\n');
  const changed = after.filter((line, index) => line !== before[index]);
  expect(changed).toEqual([expect.stringMatching(/^ {2}version: 1\b/)]);
});

test('a section that is taken out leaves all others', () => {
  const before = written(path.join(example, 'plimsoll.yaml'));
  const after = withoutSection(before, 'coldStart');
  expect(after).not.toContain('coldStart');
  expect(parse(after)).toEqual({ ...parse(before), coldStart: undefined });
  expect(after).toContain('# batching and queueing are part of the code');
});

test('what is kept of an earlier copy stays, and all else is as in the example', () => {
  makeWorkingCopy({ from: example, folder, beside: ['server.yaml', 'plimsoll.lock'] });
  for (const name of ['server.yaml', 'plimsoll.lock', 'plimsoll.yaml'])
    writeFileSync(path.join(folder, name), 'edited');
  makeWorkingCopy({ from: example, folder, beside: ['server.yaml', 'plimsoll.lock'], kept: ['plimsoll.lock'] });
  expect(written(path.join(folder, 'plimsoll.lock'))).toBe('edited');
  for (const name of ['server.yaml', 'plimsoll.yaml']) {
    expect(written(path.join(folder, name))).toBe(written(path.join(example, name)));
  }
});

test('an older copy is replaced whole', () => {
  makeWorkingCopy({ from: example, folder, beside: ['server.yaml'] });
  makeWorkingCopy({ from: example, folder, beside: [] });
  expect(existsSync(path.join(folder, 'server.yaml'))).toBe(false);
});
