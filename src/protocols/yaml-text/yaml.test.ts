import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlOf, type YamlValue } from './yaml.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'true',
    'null',
    '~',
    '1.5',
    '0x1F',
    '1e3',
    '- a',
    'a: b',
    '#',
    'no',
    'a #b',
    '2026-01-01',
    '',
    ' a',
    '|',
  ),
  fc.array(fc.stringMatching(/^[ -~]{0,8}$/), { maxLength: 4 }).map((lines) => lines.join('\n')),
);
const { value } = fc.letrec<{ value: YamlValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
}));

describe('YAML', () => {
  it('reads back as what was written', () => {
    fc.assert(
      fc.property(value, (any) => {
        expect(parse(yamlOf(any))).toEqual(any);
      }),
    );
  });

  it('keeps an expression of several lines as it is', () => {
    expect(yamlOf({ cel: { expression: 'a == "b" &&\n  c' } })).toBe(
      'cel:\n  expression: |-\n    a == "b" &&\n      c',
    );
  });
});
