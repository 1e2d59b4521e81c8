import { expect, it } from 'vitest';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

it.each(['--namespace=../x', '--name=', '--namespace=a/b'])(
  'refuses %s before it looks for a cluster',
  async (option) => {
    const { exit, err } = await runCommandLine(['uninstall', 'kubernetes', option, '--yes'], {});
    expect(exit).not.toBe(0);
    expect(err).toContain(option.split('=')[0]);
  },
);
