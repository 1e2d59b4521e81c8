import { describe, expect, it } from 'vitest';
import { findToken, parseTokenFile } from './token-file.ts';

const digest = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b'; // sha256 of "secret"

describe('the file of tokens', () => {
  it('holds names, roles and digests; blank lines and remarks are left out', () => {
    const tokens = parseTokenFile(`# people\nada operator ${digest}\n\n  bo\tviewer ${'0'.repeat(64)}\n`, 'tokens');
    expect(tokens.map(({ name, role }) => [name, role])).toEqual([
      ['ada', 'operator'],
      ['bo', 'viewer'],
    ]);
    expect(findToken(tokens, 'secret')?.name).toBe('ada');
    expect(findToken(tokens, 'Secret')).toBeNull();
    expect(findToken(tokens, '')).toBeNull();
  });

  it.each([
    ['a token in the clear', 'ada operator secret'],
    ['another role', `ada admin ${digest}`],
    ['a digest in capitals', `ada operator ${digest.toUpperCase()}`],
  ])('refuses %s, and says where', (_what, line) => {
    expect(() => parseTokenFile(`# first\n${line}`, 'tokens')).toThrow(/tokens:2/);
  });

  it('refuses to let nobody in', () => {
    expect(() => parseTokenFile('# nobody\n', 'tokens')).toThrow(/0 tokens/);
  });
});
