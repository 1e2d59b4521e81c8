import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { confineCommand } from './confined-command.ts';

const programs = { sh: '/bin/sh', prlimit: '/usr/bin/prlimit', setpriv: '/usr/bin/setpriv' };
const user = { uid: 70_123, gid: 70_124, name: null };
const limits = { tasksOfUser: 321, openFiles: 123 };
const confine = (args: readonly string[], env: Readonly<Record<string, string>>) =>
  confineCommand({ file: '/bin/sh', args: ['-c', ...args], env }, user, programs, limits);

describe('confineCommand', () => {
  it('no value stands in a command line, and no variable of the contract has its name where root still runs', () => {
    const { file, args, env } = confine(['true'], { LD_PRELOAD: '/evil.so', TOKEN: 'hush', PLIMSOLL_PORT: '1' });
    expect(file).toBe('/bin/sh');
    expect(args.join(' ')).not.toMatch(/evil|hush/);
    expect(env).toEqual({ PLIMSOLL_PORT: '1', PLIMSOLL_GIVEN_0: '/evil.so', PLIMSOLL_GIVEN_1: 'hush' });
  });

  it('names that are no names of a shell are not given', () => {
    const { args } = confine(['true'], { 'A;reboot': '1', B: '2' });
    expect(args.join(' ')).not.toContain('reboot');
    expect(args.join(' ')).toContain('export B="$PLIMSOLL_GIVEN_1"');
  });

  it.skipIf(process.getuid?.() !== 0)('becomes the user, without privileges and within limits', () => {
    const script = 'cat /proc/self/status; umask; ulimit -n; echo "[$A]"; printf "%s|" "$@"; env';
    const { file, args, env } = confine([script, 'sh', 'one two', '$HOME'], {
      A: 'it\'s "so"\n$B',
      PATH: '/usr/bin:/bin',
    });
    const out = execFileSync(file, [...args], { env: { ...env }, cwd: '/', encoding: 'utf8' });
    expect(out).toMatch(/^Uid:\s+70123\s+70123\s+70123\s+70123$/m);
    expect(out).toMatch(/^Gid:\s+70124\s+70124\s+70124\s+70124$/m);
    expect(out).toMatch(/^Groups:\s*$/m);
    expect(out).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(out).toMatch(/^CapEff:\s+0+$/m);
    expect(out).toMatch(/^CapPrm:\s+0+$/m);
    expect(out).toMatch(/^CapInh:\s+0+$/m);
    expect(out).toMatch(/^0?077$/m);
    expect(out).toMatch(/^123$/m);
    expect(out).toContain('[it\'s "so"\n$B]');
    expect(out).toContain('one two|$HOME|');
    expect(out).not.toContain('PLIMSOLL_GIVEN');
  });

  it.skipIf(process.getuid?.() !== 0)('ends where a control group cannot be entered', () => {
    const { file, args, env } = confineCommand({ file: '/bin/echo', args: ['ran'], env: {} }, user, programs, limits, [
      '/proc/no-such-group/cgroup.procs',
    ]);
    expect(() => execFileSync(file, [...args], { env: { ...env }, cwd: '/', stdio: 'pipe' })).toThrow(/no-such-group/);
  });
});
