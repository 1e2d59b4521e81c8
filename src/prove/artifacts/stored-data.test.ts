import { expect, test } from 'vitest';
import { digestOfBytes } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import { storedRows } from './stored-data.ts';

const line = '{"x":1,"text":"hello world"}\n';

test.each([
  ['rows.jsonl', line],
  ['rows.csv', '1,hello world\n'],
])('others in the process have their turn while %s is read from memory', async (path, row) => {
  const bytes = new TextEncoder().encode((path.endsWith('.csv') ? 'x,text\n' : '') + row.repeat(20_000));
  const digest = digestOfBytes(bytes);
  const blobs = { read: () => Promise.resolve(bytes) } as unknown as Blobs;
  let [turns, rows, reads] = [0, 0, true];
  const count = (): void => {
    turns += 1;
    if (reads) setImmediate(count);
  };
  setImmediate(count);
  const data = { name: 'd', version: 1, files: [{ path, digest, bytes: bytes.length }] };
  for await (const { row: read } of storedRows(data, blobs, new AbortController().signal)) {
    expect(read['x']).toBe(1);
    rows += 1;
  }
  reads = false;
  expect(rows).toBe(20_000);
  // One for each 64 rows and one for each 16 KiB, at least.
  expect(turns).toBeGreaterThanOrEqual(20_000 / 64 + bytes.length / 16_384 - 2);
});
