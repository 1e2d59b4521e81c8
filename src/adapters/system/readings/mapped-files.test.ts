import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { filesOfProcess } from './mapped-files.ts';

it('lists mapped weights, largest first, without programs, libraries, deleted and small files', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-maps-'));
  mkdirSync(path.join(folder, '7'));
  const lines = [
    '7f0000000000-7f0000200000 r--p 00000000 08:01 11 /models/small.safetensors',
    '7f0001000000-7f0003000000 r--s 00000000 08:01 12 /models/the model.onnx.data',
    '7f0004000000-7f0008000000 r-xp 00000000 08:01 13 /usr/bin/server',
    '7f0009000000-7f000d000000 r--p 00000000 08:01 14 /usr/lib/libcudart.so.12.4',
    '7f0010000000-7f0014000000 r--p 00000000 08:01 15 /models/old.bin (deleted)',
    '7f0020000000-7f0020001000 r--p 00000000 08:01 16 /models/config.json',
    '7f0030000000-7f0031000000 rw-p 00000000 00:00 0',
  ];
  writeFileSync(path.join(folder, '7', 'maps'), `${lines.join('\n')}\n`);
  expect(await filesOfProcess(folder, 7)).toEqual(['/models/the model.onnx.data', '/models/small.safetensors']);
  expect(await filesOfProcess(folder, 8)).toEqual([]);
  rmSync(folder, { recursive: true });
});
