import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openArchive } from './archive-source.ts';

it('refuses a pipe that nobody writes to, and does not wait for it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-archive-'));
  try {
    execFileSync('mkfifo', [path.join(folder, 'ff.tar')]);
    const opening = openArchive(path.join(folder, 'ff.tar'), null);
    await expect(opening).rejects.toMatchObject({ code: 'file-not-regular', category: 'input' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
