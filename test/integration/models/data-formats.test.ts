import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inflate } from '../../../src/prove/files/inflate.ts';
import { dataFileOf } from '../../../src/formats/data-file.ts';
import { dataRowsOfFiles, summarizeData } from '../../../src/formats/data-rows.ts';
import { findPeerLibraries } from '../../peers/peer-libraries.ts';

const libraries = findPeerLibraries();
if (libraries.kind === 'missing') {
  console.error(
    `data-formats.test.ts is skipped: ${libraries.why}; next: node scripts/bootstrap.mjs test/peers/install/libraries.ts`,
  );
}

const summaryOf = (folder: string, name: string) => {
  const hash = createHash('sha256');
  const file = dataFileOf(name, new Uint8Array(readFileSync(path.join(folder, name))), inflate);
  return summarizeData(dataRowsOfFiles([file]), {
    update: (text) => void hash.update(text),
    digest: () => `sha256:${hash.digest('hex')}`,
  });
};

const seeds = Array.from({ length: 12 }, (_, seed) => seed);

describe.skipIf(libraries.kind === 'missing')('data that pyarrow and numpy wrote', () => {
  let folder: string;
  // One start for all seeds: to import pyarrow takes longer than to write the files.
  beforeAll(async () => {
    if (libraries.kind === 'missing') throw new Error(libraries.why);
    folder = mkdtempSync(path.join(os.tmpdir(), 'plimsoll-data-formats-'));
    const script = path.join(import.meta.dirname, 'data-formats/write_random.py');
    await promisify(execFile)(libraries.python, [script, folder, ...seeds.map(String)]);
  }, 600_000);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(seeds)('has the digest of the same rows as JSON lines (seed %i)', async (seed) => {
    const written = path.join(folder, String(seed));
    expect(await summaryOf(written, 'rows.parquet')).toEqual(await summaryOf(written, 'rows.jsonl'));
    expect(await summaryOf(written, 'array.npz')).toEqual(await summaryOf(written, 'array.jsonl'));
  });
});
