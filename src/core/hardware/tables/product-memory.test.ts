import { describe, expect, it } from 'vitest';
import { gpuOf } from './gpus.ts';
import { memoryOfProduct } from './product-memory.ts';

describe('the memory of a product', () => {
  it.each([
    ['NVIDIA GB200', 189_471 * 2 ** 20],
    ['NVIDIA GB300', 284_208 * 2 ** 20],
    ['NVIDIA A100-SXM4-80GB', 81_920 * 2 ** 20],
    ['NVIDIA A100-SXM4-40GB', 40_960 * 2 ** 20],
    ['Tesla T4', 15_360 * 2 ** 20],
    ['NVIDIA A100', null],
    ['NVIDIA GB10', null],
  ])('%s', (product, bytes) => {
    const gpu = gpuOf(product);
    if (gpu === null) throw new Error(`${product} is in no table`);
    expect(memoryOfProduct(gpu, product)).toBe(bytes);
  });
});
