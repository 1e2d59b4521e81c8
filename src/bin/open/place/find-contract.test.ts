import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nearestContract } from './find-contract.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'plimsoll-find-'));
  await mkdir(path.join(root, 'a', 'b', 'c'), { recursive: true });
  await writeFile(path.join(root, 'plimsoll.yaml'), '');
  await writeFile(path.join(root, 'a', 'b', 'plimsoll.yaml'), '');
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('finds the nearest contract at or above a folder', () => {
  expect(nearestContract(path.join(root, 'a', 'b', 'c'))).toBe(path.join(root, 'a', 'b', 'plimsoll.yaml'));
  expect(nearestContract(path.join(root, 'a', 'b'))).toBe(path.join(root, 'a', 'b', 'plimsoll.yaml'));
  expect(nearestContract(path.join(root, 'a'))).toBe(path.join(root, 'plimsoll.yaml'));
});

it('finds none up to the root of the file system', () => {
  expect(nearestContract(path.parse(root).root)).toBeNull();
});
