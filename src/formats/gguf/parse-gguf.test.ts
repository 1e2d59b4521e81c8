import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../../core/units/errors.ts';
import { ggufFile, type GgufContent, type GgufEntry } from '../../testing/builders/files/gguf-encoder.ts';
import { sourceOf, type ByteSource } from '../byte-source.ts';
import { parseGguf } from './parse-gguf.ts';

const parse = (bytes: Uint8Array) => parseGguf(sourceOf(bytes));
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

/** Llama 3.1 8B by the numbers that its publisher states. */
const llama: Readonly<Record<string, GgufEntry>> = {
  'general.architecture': [8, 'llama'],
  'general.name': [8, 'Llama 3.1 8B'],
  'llama.block_count': [4, 32],
  'llama.context_length': [4, 131_072],
  'llama.embedding_length': [4, 4096],
  'llama.attention.head_count': [4, 32],
  'llama.attention.head_count_kv': [4, 8],
};
const content: GgufContent = {
  metadata: llama,
  tensors: [
    { name: 'a', shape: [256, 2], type: 12, offset: 0 },
    { name: 'b', shape: [8], type: 0, offset: 288 },
  ],
  dataBytes: 320,
};
const withKeys = (more: Readonly<Record<string, GgufEntry>>): Uint8Array =>
  ggufFile({ metadata: { ...llama, ...more } });
const without = (key: string): Uint8Array =>
  ggufFile({ metadata: Object.fromEntries(Object.entries(llama).filter(([name]) => name !== key)) });

describe('a sound GGUF file', () => {
  it.each([1, 2, 3])('of version %i is read as it was written', async (version) => {
    expect(await parse(ggufFile(content, { version }))).toEqual({
      version,
      byteOrder: 'little',
      metadataEntries: 7,
      architecture: 'llama',
      name: 'Llama 3.1 8B',
      contextTokens: 131_072,
      layers: 32,
      split: null,
      tensors: 2,
      parameters: 520,
      weightsBytes: 2 * 144 + 32,
      types: { Q4_K: { tensors: 1, bytes: 288 }, F32: { tensors: 1, bytes: 32 } },
      unknownTypes: [],
      cache: { bytesPerToken: 131_072, unknown: null },
    });
  });

  it('in the other byte order reads the same', async () => {
    const little = await parse(ggufFile(content));
    expect(await parse(ggufFile(content, { big: true }))).toEqual({ ...little, byteOrder: 'big' });
  });

  it('of the gguf package itself is read', async () => {
    expect(await parse(fixture('quantised.gguf'))).toMatchObject({
      architecture: 'llama',
      name: 'tiny',
      tensors: 6,
      weightsBytes: 7232,
      types: { Q8_0: { tensors: 1, bytes: 2176 }, Q5_1: { tensors: 1, bytes: 384 } },
      cache: { bytesPerToken: 2 * 2 * (64 + 64) * 2 },
    });
    expect((await parse(fixture('big-endian.gguf'))).byteOrder).toBe('big');
    expect((await parse(fixture('per-layer-heads.gguf'))).cache.bytesPerToken).toBe(2 * (64 + 64) * 2);
    expect((await parse(fixture('latent-attention.gguf'))).cache.unknown).toMatch(/kv_lora_rank/);
  });

  it('is read without its weights, and its vocabulary in pieces', async () => {
    const words = Array.from({ length: 50_000 }, (_, index) => `token ${index}`);
    const head = ggufFile({
      metadata: {
        ...llama,
        'tokenizer.ggml.tokens': [9, [8, words]],
        scores: [9, [6, words.map((_, index) => index)]],
      },
      tensors: [{ name: 'a', shape: [2 ** 32, 16], type: 0, offset: 0 }],
    });
    let readBytes = 0;
    const source: ByteSource = {
      bytes: head.length + 2 ** 38,
      read: (offset, length) => {
        const piece = head.slice(offset, offset + length);
        readBytes += piece.length;
        return Promise.resolve(piece);
      },
    };
    expect((await parseGguf(source)).weightsBytes).toBe(2 ** 38);
    expect(readBytes).toBeLessThan(head.length + 512 * 1024);
  });

  it('of a split model says which part it is', async () => {
    const split = { 'split.no': [2, 0], 'split.count': [4, 3] } as const;
    expect((await parse(withKeys(split))).split).toEqual({ index: 0, count: 3 });
  });

  it('with a type of tomorrow has weights of bytes that are not known', async () => {
    const tensors = [{ name: 'a', shape: [32], type: 99, offset: 0 }];
    expect(await parse(ggufFile({ tensors, dataBytes: 1 }))).toMatchObject({ weightsBytes: null, unknownTypes: [99] });
  });

  it('keeps its sum of bytes, whatever tensors it has', async () => {
    const sizes = fc.array(fc.nat(1000), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.constantFrom(1, 2, 3), fc.boolean(), async (lengths, version, big) => {
        let offset = 0;
        const tensors = lengths.map((length, index) => {
          const tensor = { name: `t${index}`, shape: [length], type: 1, offset };
          offset += Math.ceil((length * 2) / 32) * 32;
          return tensor;
        });
        const file = await parse(ggufFile({ tensors, dataBytes: offset }, { version, big }));
        expect(file.weightsBytes).toBe(lengths.reduce((sum, length) => sum + length * 2, 0));
      }),
    );
  });
});

describe('the cache of a GGUF file', () => {
  it.each([
    [
      'by the length of keys and values',
      { 'llama.attention.key_length': [4, 192], 'llama.attention.value_length': [4, 128] },
      163_840,
    ],
    ['by every head, where none is stated for keys and values', { 'llama.attention.head_count_kv': [4, 32] }, 524_288],
  ] as const)('is counted %s', async (_how, keys, bytes) => {
    expect((await parse(withKeys(keys))).cache.bytesPerToken).toBe(bytes);
  });

  it('falls back to the number of heads', async () => {
    expect((await parse(without('llama.attention.head_count_kv'))).cache.bytesPerToken).toBe(524_288);
  });

  it.each([
    ['a window', withKeys({ 'llama.attention.sliding_window': [4, 4096] }), /sliding_window/],
    ['state-space layers', withKeys({ 'llama.ssm.state_size': [4, 128] }), /ssm/],
    ['an encoder', withKeys({ 'llama.attention.causal': [7, false] }), /causal/],
    ['an architecture of tomorrow', withKeys({ 'general.architecture': [8, 'llama9'] }), /llama9/],
    ['no architecture', ggufFile({}), /general.architecture/],
    ['no layers', without('llama.block_count'), /block_count/],
    ['no width', without('llama.embedding_length'), /embedding_length/],
    ['a list of another length', withKeys({ 'llama.attention.head_count_kv': [9, [4, [8, 8]]] }), /head_count_kv/],
    ['heads that do not divide', withKeys({ 'llama.embedding_length': [4, 4097] }), /no whole number/],
    ['2^40 layers', withKeys({ 'llama.block_count': [10, 2n ** 40n] }), /block_count/],
  ])('of %s is not guessed', async (_what, bytes, why) => {
    const { cache } = await parse(bytes);
    expect(cache.bytesPerToken).toBeNull();
    expect(cache.unknown).toMatch(why);
  });
});

const huge = 2n ** 40n;
describe('an unsound GGUF file', () => {
  it('that is cut off anywhere is an error that says so', async () => {
    const whole = fixture('quantised.gguf');
    for (let length = 0; length < whole.length; length += length < 3000 ? 1 : 97) {
      const error = await failure(whole.subarray(0, length));
      expect(error.code).toBe('gguf-truncated');
    }
  });

  it.each([
    ['a version of 4', ggufFile({}, { version: 4 }), /GGUF version 4/],
    ['a version of 0', ggufFile({}, { version: 0 }), /GGUF version 0/],
    ['2^40 tensors', ggufFile({ tensorsSaid: huge }), /1099511627776 tensors/],
    ['2^40 entries', ggufFile({ entriesSaid: huge }), /1099511627776 entries/],
    ['2^63 entries', ggufFile({ entriesSaid: 2n ** 63n }), /2\^53 or more/],
    ['a key of 65,536 bytes', ggufFile({ metadata: { ['k'.repeat(65_536)]: [4, 1] } }), /65535 are the most/],
    ['a value type that there is not', withKeys({ a: [13, 1] }), /value type 13/],
    ['a list type that there is not', withKeys({ a: [9, [14, []]] }), /list type 14/],
    ['a list of 2^40 texts', withKeys({ a: [9, [8, [], 2 ** 40]] }), /more than 10000000/],
    ['a list of 100,001 lists', withKeys({ a: [9, [9, [], 100_001]] }), /more than 10000000/],
    ['nine lists inside each other', withKeys({ a: [9, nested(10)] }), /more than 8 lists/],
    ['an alignment of 0', withKeys({ 'general.alignment': [4, 0] }), /an alignment/],
    ['an alignment that is a text', withKeys({ 'general.alignment': [8, '32'] }), /an alignment/],
    ['nine dimensions', ggufFile({ tensors: [tensor({ shape: Array<number>(9).fill(1) })] }), /9 dimensions/],
    ['sizes that no memory holds', ggufFile({ tensors: [tensor({ shape: [2 ** 31, 2 ** 31] })] }), /no memory holds/],
    [
      'rows that are no whole blocks',
      ggufFile({ tensors: [tensor({ shape: [33], type: 2 })] }),
      /no multiple of its blocks/,
    ],
    ['an offset that is not aligned', ggufFile({ tensors: [tensor({ offset: 16 })], dataBytes: 64 }), /alignment 32/],
    ['a tensor twice', ggufFile({ tensors: [tensor({}), tensor({ offset: 32 })], dataBytes: 64 }), /"t" twice/],
    [
      'tensors that overlap',
      ggufFile({ tensors: [tensor({ shape: [16] }), tensor({ name: 'u', offset: 32 })], dataBytes: 64 }),
      /overlap/,
    ],
  ])('with %s is refused with the place', async (_what, bytes, message) => {
    const error = await failure(bytes);
    expect(error.code).toBe('gguf-invalid');
    expect(error.message).toMatch(message);
    expect(error.details['offset']).toEqual(expect.any(Number));
  });

  it('whose lists and texts reach beyond its end is cut off', async () => {
    for (const list of [
      [9, [4, [], 2 ** 40]],
      [9, [8, [], 1000]],
      [9, [6, [], 8]],
    ] as const) {
      expect((await failure(ggufFile({ metadata: { a: list as GgufEntry } }))).code).toBe('gguf-truncated');
    }
    expect((await failure(ggufFile({ tensors: [tensor({ shape: [1000] })], dataBytes: 32 }))).code).toBe(
      'gguf-truncated',
    );
  });

  it('of a gigabyte of keys, texts and lists is refused or read within bounds', async () => {
    const large = 'x'.repeat(60_000);
    const keys = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}${large}`, [4, 1] as const]));
    expect((await failure(ggufFile({ metadata: keys }))).message).toMatch(/keys of more than 8000000/);
    const texts = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}`, [8, large] as const]));
    expect((await parse(ggufFile({ metadata: texts }))).metadataEntries).toBe(200);
  });

  it('whatever its bytes are, ends in a parse or in one of our errors', async () => {
    const sound = ggufFile(content);
    const mutated = fc
      .array(fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 6 })
      .map((changes) => {
        const bytes = sound.slice();
        for (const { at, byte } of changes) bytes[at] = byte;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        const outcome: unknown = await parse(bytes).catch((thrown: unknown) => thrown);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(PlimsollError);
      }),
      { numRuns: 2_000 },
    );
  });
});

function tensor(changes: Partial<NonNullable<GgufContent['tensors']>[number]>) {
  return { name: 't', shape: [8], type: 0, offset: 0, ...changes };
}

function nested(depth: number): readonly [number, readonly never[] | readonly [never]] {
  let list: unknown = [4, []];
  for (let level = 0; level < depth; level += 1) list = [9, [list]];
  return list as never;
}
