import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kvBytesPerToken } from './model-kv-cache.ts';
import { estimateModelMemory, leftOutOf } from './model-memory.ts';

const alike = (layers: number, heads: number, headDim: number, bits = 16): number | null =>
  kvBytesPerToken({
    kvHeads: Array.from({ length: layers }, () => heads),
    keyLength: headDim,
    valueLength: headDim,
    bitsPerElement: bits,
  });

describe('the KV cache of one token', () => {
  // Layers, heads and sizes from the models' own config.json.
  it.each([
    ['Llama 3.1 8B', 32, 8, 128, 131_072],
    ['Llama 3.1 70B', 80, 8, 128, 327_680],
    ['Llama 2 7B, every head', 32, 32, 128, 524_288],
    ['Qwen2 0.5B', 24, 2, 64, 12_288],
    ['GPT-2', 12, 12, 64, 36_864],
  ])('of %s takes %i layers × %i heads × %i', (_model, layers, heads, headDim, bytes) => {
    expect(alike(layers, heads, headDim)).toBe(bytes);
  });

  it('counts layers that have no attention as nothing, and keys and values of different length each', () => {
    expect(kvBytesPerToken({ kvHeads: [0, 8, 0, 4], keyLength: 192, valueLength: 128, bitsPerElement: 8 })).toBe(
      12 * 320,
    );
  });

  it('is not known where the numbers are none', () => {
    expect(alike(4, 1.5, 64)).toBeNull();
    expect(alike(4, -1, 64)).toBeNull();
    expect(alike(4, Number.NaN, 64)).toBeNull();
    expect(alike(1, 2 ** 30, 2 ** 30)).toBeNull();
  });
});

const facts = (weightsBytes: number | null, perToken: number | null) => ({
  weightsBytes,
  kvBytesPerToken: perToken,
  leftOut: leftOutOf(perToken),
  unknown: {},
});

describe('the memory of a model', () => {
  it('is weights and cache of the load: the worked number of its documentation', () => {
    const memory = estimateModelMemory(facts(16_060_522_496, 131_072), { contextTokens: 8_192, sequences: 4 });
    expect(memory).toMatchObject({ kvBytes: 4_294_967_296, totalBytes: 20_355_489_792 });
    expect(Object.keys(memory.leftOut)).toEqual(['activations', 'cuda-context', 'workspace', 'fragmentation']);
  });

  it('without a load is the weights, and says that the cache is left out', () => {
    const memory = estimateModelMemory(facts(1000, 16), null);
    expect(memory).toMatchObject({ kvBytes: null, totalBytes: 1000, load: null });
    expect(memory.leftOut['kv-cache']).toMatch(/--context/);
  });

  it('of a model that keeps no cache leaves none out', () => {
    expect(estimateModelMemory(facts(1000, 0), null).leftOut).not.toHaveProperty('kv-cache');
    expect(estimateModelMemory(facts(1000, 0), { contextTokens: 10, sequences: 10 }).totalBytes).toBe(1000);
  });

  it('is not known when a part of it is not, rather than too small', () => {
    expect(estimateModelMemory(facts(null, 16), { contextTokens: 1, sequences: 1 }).totalBytes).toBeNull();
    const memory = estimateModelMemory(facts(1000, null), { contextTokens: 1, sequences: 1 });
    expect(memory).toMatchObject({ kvBytes: null, totalBytes: null });
    expect(memory.leftOut['kv-cache']).toMatch(/does not tell/);
    expect(estimateModelMemory(facts(1, 2 ** 40), { contextTokens: 2 ** 20, sequences: 1 }).totalBytes).toBeNull();
  });

  it('never shrinks when more is asked for, and is never less than the weights', () => {
    const count = fc.nat(100_000);
    fc.assert(
      fc.property(count, count, count, count, fc.nat(10), (weights, perToken, contextTokens, sequences, more) => {
        const total = (tokens: number) =>
          estimateModelMemory(facts(weights, perToken), { contextTokens: tokens, sequences }).totalBytes!;
        expect(total(contextTokens + more)).toBeGreaterThanOrEqual(total(contextTokens));
        expect(total(contextTokens)).toBe(weights + perToken * contextTokens * sequences);
      }),
    );
  });
});
