import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { coreSteps } from './core-steps.ts';
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
      const said = nextStep(coreSteps, 'model-pickled', { given, name: 'm' });
      const command = said.slice(said.indexOf('plimsoll '));
      const path = given.startsWith('-') ? `./${given}` : given;
      expect(wordsOf(command)).toEqual(['model', 'add', path, '--name', 'm', '--allow-pickle']);
    },
  );

  it('without values is the text as it stands in the table', () => {
    expect(nextStep(coreSteps, 'no-credential/page')).toBe('plimsoll page');
  });

  it('takes a value for a path where its name says so', () => {
    const steps = { see: 'see {folder} {stateFolder} {file} {signaturesFile} {profile}' } as const;
    const all = { folder: '-x', stateFolder: '-x', file: '-x', signaturesFile: '-x', profile: '-x' };
    expect(nextStep(steps, 'see', all)).toBe('see ./-x ./-x ./-x ./-x -x');
  });
});
