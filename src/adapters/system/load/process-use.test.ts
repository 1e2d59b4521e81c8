import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readProcessUse } from './process-use.ts';

it('tells the bytes that a disk gave, and leaves them out where the machine does not tell them', async () => {
  const proc = mkdtempSync(path.join(tmpdir(), 'plimsoll-use-'));
  expect(await readProcessUse(proc)).toEqual({ threadMs: expect.any(Number) as number });
  mkdirSync(path.join(proc, 'self'));
  writeFileSync(path.join(proc, 'self', 'io'), 'rchar: 5000\nread_bytes: 4096\nwrite_bytes: 0\n');
  expect(await readProcessUse(proc)).toMatchObject({ diskBytes: 4096 });
});
