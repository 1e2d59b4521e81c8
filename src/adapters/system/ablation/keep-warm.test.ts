import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { prepareWarmPageCache } from './keep-warm.ts';

const signal = new AbortController().signal;

it('keeps reading while it is applied, stops at once, and changes nothing of the node', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-warm-'));
  const file = path.join(folder, 'weights');
  try {
    await writeFile(file, Buffer.alloc(2 << 20));
    const warm = await prepareWarmPageCache([file], signal);
    if ('refused' in warm) throw new Error(warm.refused);
    expect(warm.restoration).toBeNull();
    await warm.undo();
    await warm.apply(signal);
    await warm.apply(signal);
    await warm.undo();
    await warm.undo();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('is refused without files, and with one that cannot be read', async () => {
  expect(await prepareWarmPageCache([], signal)).toEqual({ refused: 'the files that the replica reads are not known' });
  expect(await prepareWarmPageCache(['/nowhere/weights'], signal)).toEqual({
    refused: '/nowhere/weights cannot be read',
  });
});
