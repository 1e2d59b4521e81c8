import { mkdtempSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sortPool } from '../../../core/pool/snapshot/pool-order.ts';
import { mostPoolBytes, poolSnapshotText } from '../../../schemas/pool/pool-snapshot.ts';
import { buildNode, buildPool } from '../../../testing/builders/pools/pool-builders.ts';
import { makeFilePools } from './pools.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-pools-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('pools in files', () => {
  it('are there again as they were written, beside the contract', async () => {
    const pools = makeFilePools(folder);
    expect([await pools.names(), await pools.read('lab')]).toEqual([[], null]);
    const snapshot = buildPool([buildNode('b'), buildNode('a')]);
    expect(await pools.write(snapshot)).toBe(path.join(folder, 'pools', 'lab.json'));
    expect(await pools.read('lab')).toEqual(sortPool(snapshot));
    expect(await pools.names()).toEqual(['lab']);
  });

  it('leave nothing half written: one file, and no temporary one', async () => {
    const pools = makeFilePools(folder);
    const writes = Array.from({ length: 8 }, (_, at) => pools.write(buildPool([buildNode(`n${at}`)])));
    await Promise.all(writes);
    expect(readdirSync(path.join(folder, 'pools'))).toEqual(['lab.json']);
    expect((await pools.read('lab'))?.nodes).toHaveLength(1);
  });

  it('are never read or written outside their folder', async () => {
    const pools = makeFilePools(folder);
    for (const name of ['../lab', 'a/b', '', '.hidden', 'lab.json']) {
      await expect(pools.read(name)).rejects.toMatchObject({ code: 'pool-name-invalid', category: 'input' });
      await expect(pools.write(buildPool([], { pool: name }))).rejects.toMatchObject({ code: 'pool-name-invalid' });
    }
  });

  it('name what is not theirs: a folder, another pool, a file too large', async () => {
    const pools = makeFilePools(folder);
    mkdirSync(path.join(folder, 'pools', 'folder.json'), { recursive: true });
    await expect(pools.read('folder')).rejects.toMatchObject({ code: 'storage-misplaced' });
    writeFileSync(path.join(folder, 'pools', 'renamed.json'), poolSnapshotText(buildPool([])));
    await expect(pools.read('renamed')).rejects.toMatchObject({ code: 'pool-invalid' });
    writeFileSync(path.join(folder, 'pools', 'large.json'), '');
    truncateSync(path.join(folder, 'pools', 'large.json'), mostPoolBytes + 1);
    await expect(pools.read('large')).rejects.toMatchObject({ code: 'pool-invalid' });
  });
});
