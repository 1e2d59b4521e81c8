import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inflate } from '../../src/prove/files/inflate.ts';
import { dataFileOf } from '../../src/formats/data-file.ts';
import { dataRowsOfFiles, summarizeData } from '../../src/formats/data-rows.ts';
import { findPeerLibraries } from './peer-libraries.ts';

const libraries = findPeerLibraries();
if (libraries.kind === 'missing') {
  console.error(
    `data-formats.test.ts is skipped: ${libraries.why}; next: node scripts/bootstrap.mjs test/integration/install-libraries.ts`,
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

describe.skipIf(libraries.kind === 'missing')('data that pyarrow and numpy wrote', () => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'has the digest of the same rows as JSON lines (seed %i)',
    async (seed) => {
      if (libraries.kind === 'missing') throw new Error(libraries.why);
      const folder = mkdtempSync(path.join(os.tmpdir(), 'plimsoll-data-formats-'));
      try {
        const script = path.join(import.meta.dirname, 'data-formats/write_random.py');
        execFileSync(libraries.python, [script, folder, String(seed)], { timeout: 60_000 });
        expect(await summaryOf(folder, 'rows.parquet')).toEqual(await summaryOf(folder, 'rows.jsonl'));
        expect(await summaryOf(folder, 'array.npz')).toEqual(await summaryOf(folder, 'array.jsonl'));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
