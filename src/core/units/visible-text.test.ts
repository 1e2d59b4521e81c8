import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isVisibleLine, visibleJson, visibleLine, visibleLines, visiblePlain } from './visible-text.ts';

const escape = '\u001b';

describe('text of others on a terminal', () => {
  it('shows what would act on it', () => {
    expect(visibleLines(`a${escape}]0;owned\u0007b\u202ec\u009bd\re`)).toBe(
      'a\\u{1b}]0;owned\\u{7}b\\u{202e}c\\u{9b}d\\u{d}e',
    );
    expect(visibleLines(`${escape}[2J${escape}[8mhidden`)).toBe('\\u{1b}[2J\\u{1b}[8mhidden');
  });

  it('leaves lines, tabs, colours of its own and every script', () => {
    const text = `one\ntwo\t${escape}[31mred${escape}[39m Größe 日本語 עברית 👩‍🔬`;
    expect(visibleLines(text)).toBe(text);
  });

  it('leaves no colour where nothing is in colour', () => {
    expect(visiblePlain(`a\n${escape}[31mred${escape}[39m`)).toBe('a\n\\u{1b}[31mred\\u{1b}[39m');
  });

  it('keeps one line one line', () => {
    expect(visibleLine('node\n::error::forged')).toBe('node\\u{a}::error::forged');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => !/[\n\r\u0007\u0085\u2028\u202e]/.test(visibleLine(text))),
    );
  });

  it('says the same in JSON', () => {
    const json = fc.string({ unit: 'binary' }).map((text) => ({ [text]: text }));
    fc.assert(
      fc.property(json, (value) => {
        const text = visibleJson(JSON.stringify(value, null, 2));
        expect(JSON.parse(text)).toEqual(value);
        expect(text).not.toMatch(/[\u0007\u001b\u007f-\u009f\u202e]/);
      }),
    );
  });

  it('tells a name that is what it looks like', () => {
    expect(isVisibleLine('gpu-07.example')).toBe(true);
    for (const name of ['gpu\n07', `${escape}[31mgpu`, 'gpu\u202e70', 'gpu\u0000'])
      expect(isVisibleLine(name)).toBe(false);
  });
});
