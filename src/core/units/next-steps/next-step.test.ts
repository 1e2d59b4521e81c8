import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { nextStep } from './next-step.ts';

/** The words that a real shell makes of a command. */
const wordsOf = (command: string): readonly string[] =>
  execFileSync('sh', ['-c', `plimsoll() { printf '%s\\0' "$@"; }; ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

describe('a next step', () => {
  it.each(['my model.pkl', "it's.pkl", '$(touch owned).pkl', 'a\nplimsoll store.pkl', '-rf.pkl', '`id`;id.pkl'])(
    'names the file %j so that a shell takes it as one word',
    (given) => {
      const said = nextStep('allow-pickle', { given, name: 'm' });
      const command = said.slice(said.indexOf('plimsoll '));
      const path = given.startsWith('-') ? `./${given}` : given;
      expect(wordsOf(command)).toEqual(['model', 'add', path, '--name', 'm', '--allow-pickle']);
    },
  );

  it('without values is the command as it stands in the table', () => {
    expect(nextStep('sign-in')).toBe('plimsoll page');
  });
});
