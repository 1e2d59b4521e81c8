import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../../core/units/errors.ts';
import { safetensorsFile, tensorEntry } from '../../testing/builders/files/safetensors-encoder.ts';
import { sourceOf, type ByteSource } from '../byte-source.ts';
import { parseSafetensors } from './parse-safetensors.ts';

const parse = (bytes: Uint8Array) => parseSafetensors(sourceOf(bytes));
const failure = async (bytes: Uint8Array): Promise<PlimsollError> => {
  const thrown: unknown = await parse(bytes).then(
    () => new Error('parsed'),
    (error: unknown) => error,
  );
  if (thrown instanceof PlimsollError) return thrown;
  throw thrown;
};
const fixture = (name: string): Uint8Array =>
  readFileSync(path.join(import.meta.dirname, '../model-file/fixtures', name));
const two = { a: tensorEntry('F32', [2, 3], 0, 24), b: tensorEntry('BF16', [4], 24, 32) };

describe('a sound safetensors file', () => {
  it('is read as it was written, in any order of its header', async () => {
    const { names, ...rest } = await parse(safetensorsFile({ b: two.b, __metadata__: { format: 'pt' }, a: two.a }, 32));
    expect(rest).toEqual({
      tensors: 2,
      parameters: 10,
      weightsBytes: 32,
      dtypes: { F32: { tensors: 1, bytes: 24 }, BF16: { tensors: 1, bytes: 8 } },
      metadata: { format: 'pt' },
    });
    expect([...names].sort()).toEqual(['a', 'b']);
  });

  it('of the library itself is read: every dtype of it, a scalar, an empty tensor', async () => {
    const file = await parse(fixture('dtypes.safetensors'));
    expect(file).toMatchObject({ tensors: 9, weightsBytes: 98, metadata: { format: 'np', 'written by': 'plimsoll' } });
    expect(Object.keys(file.dtypes).sort()).toEqual(['BF16', 'BOOL', 'F16', 'F32', 'F8_E4M3', 'F8_E5M2', 'I64']);
  });

  it('may pad its header with spaces, name a tensor in any language, and hold none', async () => {
    expect(await parse(safetensorsFile('{}      ', 0))).toMatchObject({ tensors: 0, weightsBytes: 0 });
    const header = `{ "\\u00e4\\"é" : {"shape":[], "data_offsets":[0,4], "dtype":"F32", "more": [{"x": -1.5e3}, null]} }`;
    expect([...(await parse(safetensorsFile(header, 4))).names]).toEqual(['ä"é']);
  });

  it('of a dtype that is not known counts by its offsets', async () => {
    expect(await parse(safetensorsFile({ a: tensorEntry('F3', [8], 0, 3) }, 3))).toMatchObject({
      parameters: 8,
      weightsBytes: 3,
      dtypes: { F3: { tensors: 1, bytes: 3 } },
    });
  });

  it('packs elements of four and six bits', async () => {
    const header = { a: tensorEntry('F4', [2, 3], 0, 3), b: tensorEntry('F6_E2M3', [4], 3, 6) };
    expect(await parse(safetensorsFile(header, 6))).toMatchObject({ parameters: 10, weightsBytes: 6 });
  });

  it('is read without its weights', async () => {
    const whole = safetensorsFile({ a: tensorEntry('U8', [2 ** 40], 0, 2 ** 40) }, 0);
    let readBytes = 0;
    const source: ByteSource = {
      bytes: whole.length + 2 ** 40,
      read: (offset, length) => {
        readBytes += length;
        return Promise.resolve(whole.subarray(offset, offset + length));
      },
    };
    expect((await parseSafetensors(source)).weightsBytes).toBe(2 ** 40);
    expect(readBytes).toBe(whole.length);
  });

  it('keeps its sum of bytes, whatever tensors it has', async () => {
    const sizes = fc.array(fc.nat(1000), { maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        let at = 0;
        const entries = lengths.map((length, index) => [`t${index}`, tensorEntry('I8', [length], at, (at += length))]);
        const file = await parse(safetensorsFile(Object.fromEntries(entries), at));
        expect(file).toMatchObject({ tensors: lengths.length, weightsBytes: at, parameters: at });
      }),
    );
  });
});

describe('an unsound safetensors file', () => {
  it('that is cut off anywhere is an error that says so', async () => {
    const whole = fixture('dtypes.safetensors');
    for (let length = 0; length < whole.length; length += 1) {
      const error = await failure(whole.subarray(0, length));
      expect(error.code).toBe('safetensors-truncated');
      expect(error.category).toBe('input');
    }
  });

  it.each([
    ['a header of 2^63 bytes', safetensorsFile('{}', 0, 2n ** 63n), /a header of 9223372036854775808 bytes/],
    ['a header of one byte more than is allowed', safetensorsFile('{}', 0, 100_000_001), /100000000 are the most/],
    ['a header that is no object', safetensorsFile('[1]', 0), /does not begin with {/],
    ['a header that is no JSON', safetensorsFile('{"a"', 0), /: is expected, at byte 12/],
    ['something after the header', safetensorsFile('{} x', 0), /something follows/],
    ['a text without an end', safetensorsFile('{"a', 0), /closing quote/],
    ['text that is not UTF-8', safetensorsFile('{"a":1}', 0).map((byte) => (byte === 0x61 ? 0xff : byte)), /UTF-8/],
    ['a tensor that is a number', safetensorsFile({ a: 1 }, 0), /{ is expected/],
    ['a tensor without its dtype', safetensorsFile({ a: { shape: [], data_offsets: [0, 4] } }, 4), /lacks its dtype/],
    ['a size of -1', safetensorsFile({ a: tensorEntry('U8', [-1], 0, 1) }, 1), /a whole number is expected/],
    ['a size of 1.5', safetensorsFile('{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}', 1), /not a fraction/],
    ['a size beyond 2^53', safetensorsFile({ a: tensorEntry('U8', [2 ** 53], 0, 1) }, 1), /beyond 2\^53/],
    [
      'sizes that no memory holds',
      safetensorsFile({ a: tensorEntry('F64', [2 ** 40, 2 ** 40], 0, 1) }, 1),
      /no memory/,
    ],
    ['65 dimensions', safetensorsFile({ a: tensorEntry('U8', Array<number>(65).fill(1), 0, 1) }, 1), /more than 64/],
    ['three offsets', safetensorsFile('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}', 2), /more than 2/],
    ['a tensor that ends first', safetensorsFile({ a: tensorEntry('U8', [1], 2, 1) }, 2), /ends before it begins/],
    ['offsets that the shape denies', safetensorsFile({ a: tensorEntry('F32', [2], 0, 7) }, 7), /7 bytes where .* 8/],
    [
      'tensors that overlap',
      safetensorsFile({ a: tensorEntry('U8', [4], 0, 4), b: tensorEntry('U8', [2], 3, 5) }, 5),
      /overlap/,
    ],
    ['a hole', safetensorsFile({ a: tensorEntry('U8', [4], 0, 4), b: tensorEntry('U8', [2], 5, 7) }, 7), /hole of 1/],
    ['bytes that belong to no tensor', safetensorsFile(two, 33), /1 bytes that belong to no tensor/],
    [
      'a tensor twice',
      safetensorsFile(`{"a":${JSON.stringify(two.a)},"a":${JSON.stringify(two.a)}}`, 24),
      /the tensor "a" twice/,
    ],
    ['metadata twice', safetensorsFile('{"__metadata__":{},"__metadata__":{}}', 0), /__metadata__ twice/],
    ['metadata that is no text', safetensorsFile('{"__metadata__":{"a":1}}', 0), /text in quotes/],
    ['a key twice', safetensorsFile('{"a":{"dtype":"U8","dtype":"U8"}}', 0), /"dtype" twice/],
    ['10,000 lists inside each other', safetensorsFile(`{"a":{"x":${'['.repeat(10_000)}`, 0), /more than 32 values/],
  ])('with %s is refused with the place', async (_what, bytes, message) => {
    const error = await failure(bytes);
    expect(error.code).toBe('safetensors-invalid');
    expect(error.message).toMatch(message);
    expect(error.details['offset']).toEqual(expect.any(Number));
  });

  it('that says it reaches further than it does is cut off', async () => {
    expect((await failure(safetensorsFile(two, 31))).message).toMatch(/its tensors reach to byte/);
    expect((await failure(safetensorsFile('{}', 0, 3))).code).toBe('safetensors-truncated');
  });

  it('of 300,001 tensors in 19 MB is refused within bounds', async () => {
    const entry = JSON.stringify(tensorEntry('U8', [], 0, 0)).replace('[]', '[0]');
    const header = `{${Array.from({ length: 300_001 }, (_, index) => `"${index}":${entry}`).join(',')}}`;
    expect((await failure(safetensorsFile(header, 0))).message).toMatch(/more than 300000 tensors/);
  });

  it('whatever its bytes are, ends in a parse or in one of our errors', async () => {
    const sound = fixture('dtypes.safetensors');
    const mutated = fc
      .array(fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 6 })
      .map((changes) => {
        const bytes = Uint8Array.from(sound);
        for (const { at, byte } of changes) bytes[at] = byte;
        return bytes;
      });
    const headers = fc.json().map((json) => safetensorsFile(json, 0));
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, headers, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        const outcome: unknown = await parse(bytes).catch((thrown: unknown) => thrown);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(PlimsollError);
      }),
      { numRuns: 2_000 },
    );
  });
});
