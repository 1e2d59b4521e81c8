import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { hasForeignLibrary } from './foreign-library.ts';

it('finds the library of a driver for Linux beside that of Windows, and no other', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-wsl-'));
  const folders = { mapped: path.join(folder, 'wsl'), packaged: [path.join(folder, 'a'), path.join(folder, 'b')] };
  mkdirSync(path.join(folder, 'b'));
  writeFileSync(path.join(folder, 'b/libcuda.so.465.19.01'), '');
  expect(await hasForeignLibrary(folders)).toBe(false);
  mkdirSync(folders.mapped);
  expect(await hasForeignLibrary(folders)).toBe(true);
  rmSync(path.join(folder, 'b/libcuda.so.465.19.01'));
  for (const name of ['libcuda.so', 'libcuda.so.1', 'libcuda.so.1.1', 'libcudart.so.12.4.127']) {
    writeFileSync(path.join(folder, 'b', name), '');
  }
  expect(await hasForeignLibrary(folders)).toBe(false);
  rmSync(folder, { recursive: true });
});
