import { describe, expect, it } from 'vitest';
import { AnswerTail } from './answer-tail.ts';

const usageOf = (...chunks: readonly string[]) => {
  const tail = new AnswerTail();
  for (const chunk of chunks) tail.keep(Buffer.from(chunk));
  return tail.usage();
};

describe('AnswerTail', () => {
  it('reads the usage of a body, and of the last event of a stream', () => {
    const usage = '"usage":{"prompt_tokens":7,"completion_tokens":41,"total_tokens":48}}';
    const told = { in: 7, out: 41 };
    expect(usageOf(`{"choices":[],${usage}`)).toEqual(told);
    const events = ['data: {"choices":[{}]}\n\n', `data: {"choices":[],${usage}\n\n`, 'data: [DONE]\n\n'];
    expect(usageOf(...events)).toEqual(told);
    expect(usageOf('{"data":[],"usage":{"prompt_tokens":5,"total_tokens":5}}')).toEqual({ in: 5, out: 0 });
  });

  it('reads a usage that lies on the border of two pieces', () => {
    expect(usageOf(`${'x'.repeat(10_000)},"usage":{"completion_tok`, 'ens": 12}}')).toEqual({ in: 0, out: 12 });
  });

  it('takes the last of several, and nothing where there is none', () => {
    expect(usageOf('"completion_tokens":1,"completion_tokens":2')?.out).toBe(2);
    expect([usageOf(), usageOf('data: [DONE]\n\n'), usageOf('x'.repeat(9_000))]).toEqual([null, null, null]);
  });
});
