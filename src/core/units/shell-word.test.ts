import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellPath, shellWord } from './shell-word.ts';

const hostile = [
  'two words',
  "it's",
  '"quoted"',
  '$(touch owned)',
  '`touch owned`',
  'a\nb',
  'a;b',
  'a&b|c>d',
  '~',
  '*',
  '#x',
  '',
  '-rf',
  '!!',
  'ä\u2028',
  String.raw`back\slash'`,
];

describe('a word for a shell', () => {
  it.each(hostile)('%j comes out of a real shell as it went in', (text) => {
    const said = execFileSync('sh', ['-c', `printf '%s|' ${shellWord(text)} end`], { encoding: 'utf8' });
    expect(said).toBe(`${text}|end|`);
  });

  it('is left as it is where nothing in it means anything to a shell', () => {
    expect(['pin', './a-b_c.yaml', 'digits:2', '127.0.0.1:0'].map(shellWord)).toEqual([
      'pin',
      './a-b_c.yaml',
      'digits:2',
      '127.0.0.1:0',
    ]);
  });

  it('of a path begins with no dash', () => {
    expect(shellPath('-rf x')).toBe("'./-rf x'");
  });
});
