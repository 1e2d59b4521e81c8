import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSelector, selectorText } from './selector.ts';

describe('a selector of a Prometheus server', () => {
  it('is labels as PromQL has them, with or without quotes and braces', () => {
    expect(parseSelector('{job="vllm", pod=~"chat-.*",zone!=eu}')).toEqual([
      { label: 'job', operator: '=', value: 'vllm' },
      { label: 'pod', operator: '=~', value: 'chat-.*' },
      { label: 'zone', operator: '!=', value: 'eu' },
    ]);
    expect(parseSelector('')).toEqual([]);
  });

  it.each([
    ['job', 1],
    ['job="a" pod="b"', 1],
    ['job="a",pod="b', 9],
    ['job="a",__name__=~".*"', 9],
    ['job="a"} or vector(1', 1],
  ])('%s is refused at column %i', (text, column) => {
    expect(() => parseSelector(text)).toThrow(
      expect.objectContaining({ code: 'selector-invalid', details: { column } }),
    );
  });

  it('is written so that no value leaves its quotes', () => {
    expect(selectorText(['a', 'b:c'], [{ label: 'job', operator: '=', value: 'x"} or \\' }])).toBe(
      String.raw`{__name__=~"a|b:c",job="x\"} or \\"}`,
    );
    fc.assert(
      fc.property(fc.string(), (value) => {
        const [, ...rest] = parseSelector(
          selectorText(['a'], [{ label: 'job', operator: '=', value }]).replace('__name__', 'n'),
        );
        expect(rest).toEqual([{ label: 'job', operator: '=', value }]);
      }),
    );
  });
});
