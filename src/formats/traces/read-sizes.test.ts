import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTraceSizes } from './read-sizes.ts';

async function* chunksOf(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
const read = (text: string) => readTraceSizes(chunksOf(text));

describe('the sizes of the requests of a trace', () => {
  it.each([
    [
      'Azure',
      'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04,3180,8\n',
    ],
    [
      'Mooncake',
      '{"timestamp": 0, "input_length": 4808, "output_length": 10, "hash_ids": [1]}\n\n{"input_length": 3180, "output_length": 8}',
    ],
    [
      'logs of the OpenAI protocol',
      '{"prompt_tokens": 4808, "completion_tokens": 10}\n{"prompt_tokens": 3180, "completion_tokens": 8}\n',
    ],
  ])('of %s are its tokens', async (_, text) => {
    expect(await read(text)).toEqual([
      { 'tokens-in': 4_808, 'tokens-out': 10 },
      { 'tokens-in': 3_180, 'tokens-out': 8 },
    ]);
  });

  it('are rows and bytes too, whatever else stands beside them', async () => {
    expect(await read('when,rows,bytes,"who, and why"\n1,3,200,"a, b"\n')).toEqual([{ rows: 3, bytes: 200 }]);
  });

  it.each([
    ['an empty file', '', 'trace-empty', 'no request'],
    ['a header alone', 'rows\n', 'trace-empty', 'no request'],
    [
      'no size in the header',
      'when,what\n1,2\n',
      'trace-no-sizes',
      'the header names no size of a request, but when, what',
    ],
    ['no size in an object', '{"when": 1}\n', 'trace-no-sizes', 'line 1'],
    [
      'a size that is none',
      'rows\n1\nmany\n',
      'data-invalid',
      'line 3, column 1: `rows` is a number from 0 on, and there is `"many"`',
    ],
    ['a negative size', '{"rows": -1}', 'data-invalid', 'line 1'],
    ['broken JSON', '{"rows": 1}\n{"rows"\n', 'data-invalid', 'line 2'],
  ])('%s: says what and where', async (_, text, code, message) => {
    await expect(read(text)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
  });

  it('are those of evenly spaced requests of a long trace', async () => {
    const lines = Array.from({ length: 150_000 }, (_, at) => String(at + 1));
    const sizes = await readTraceSizes(chunksOf(`rows\n${lines.join('\n')}\n`, 1 << 16));
    expect(sizes.length).toBeLessThan(65_536);
    expect(sizes.slice(0, 3)).toEqual([{ rows: 1 }, { rows: 5 }, { rows: 9 }]);
  });

  const shared = path.resolve(import.meta.dirname, '../../../../shared/data/traces/azure-llm-2023-code.csv');
  it.skipIf(!existsSync(shared))('of a published trace are 8,819 requests', async () => {
    const bytes = await readFile(shared);
    const sizes = await readTraceSizes(
      (async function* () {
        yield await Promise.resolve(bytes);
      })(),
    );
    expect(sizes).toHaveLength(8_819);
    expect(sizes[0]).toEqual({ 'tokens-in': 4_808, 'tokens-out': 10 });
  });
});
