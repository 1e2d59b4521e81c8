import { describe, expect, it } from 'vitest';
import { AnswerTail } from './answer-tail.ts';

const tokensOf = (...chunks: readonly string[]): number => {
  const tail = new AnswerTail();
  for (const chunk of chunks) tail.keep(Buffer.from(chunk));
  return tail.tokens();
};

describe('AnswerTail', () => {
  it('reads the usage of a body, and of the last event of a stream', () => {
    const usage = '"usage":{"prompt_tokens":7,"completion_tokens":41,"total_tokens":48}}';
    expect(tokensOf(`{"choices":[],${usage}`)).toBe(41);
    expect(tokensOf('data: {"choices":[{}]}\n\n', `data: {"choices":[],${usage}\n\n`, 'data: [DONE]\n\n')).toBe(41);
  });

  it('reads a usage that lies on the border of two pieces', () => {
    expect(tokensOf(`${'x'.repeat(10_000)},"usage":{"completion_tok`, 'ens": 12}}')).toBe(12);
  });

  it('takes the last of several, and 0 where there is none', () => {
    expect(tokensOf('"completion_tokens":1,"completion_tokens":2')).toBe(2);
    expect([tokensOf(), tokensOf('data: [DONE]\n\n'), tokensOf('x'.repeat(9_000))]).toEqual([0, 0, 0]);
  });
});
