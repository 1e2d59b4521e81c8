import { describe, expect, it } from 'vitest';
import { parseTokenizerTokens } from './tokenizer-config.ts';

const tokensOf = (text: string): number | null | undefined => parseTokenizerTokens(new TextEncoder().encode(text));

describe('the tokens that a tokenizer allows in one sequence', () => {
  it.each([
    ['{"model_max_length": 32768}', 32_768],
    ['{"model_max_length": 1}', 1],
    ['{"model_max_length": 131072.0}', 131_072],
    ['{"model_max_length": 1000000000000000019884624838656}', null],
    ['{"model_max_length": null}', null],
    ['{"tokenizer_class": "Qwen2Tokenizer"}', null],
    ['{"model_max_length": 0}', undefined],
    ['{"model_max_length": -1}', undefined],
    ['{"model_max_length": 0.5}', undefined],
    ['{"model_max_length": "32768"}', undefined],
    ['[32768]', undefined],
    ['null', undefined],
    ['', undefined],
    ['{"model_max_length": 32768', undefined],
  ])('of %s', (text, tokens) => {
    expect(tokensOf(text)).toBe(tokens);
  });

  it('is not told by bytes that are no text', () => {
    expect(parseTokenizerTokens(new Uint8Array([0x7b, 0xff, 0x7d]))).toBeUndefined();
  });
});
