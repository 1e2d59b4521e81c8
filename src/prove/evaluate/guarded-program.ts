import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { childEnvironment } from '../../core/access/child-environment.ts';

/**
 * Runs the program in its own group, and ends all of it once the pipe at descriptor 3 closes, as it does when the command is
 * killed: a program without an end would run on for ever.
 */
const guard = `
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
const [program, ...args] = process.argv.slice(1);
const child = spawn(program, args, { stdio: 'inherit' });
child.once('error', (error) => {
  console.error('it did not start: ' + error.message);
  process.exit(127);
});
child.once('exit', (status, signal) => (signal === null ? process.exit(status) : process.kill(process.pid, signal)));
new Socket({ fd: 3 }).once('close', () => process.kill(0, 'SIGKILL')).resume();
`;

export type GuardedProgram = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts a program that ends with this process, whatever becomes of this process. Without `env` it sees what a metric needs of the machine, and
 * none of the credentials that this command was started with.
 */
export function startGuarded(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): GuardedProgram {
  const child = spawn(process.execPath, ['--input-type=module', '-e', guard, '--', program, ...args], {
    env: childEnvironment('metric', process.env),
    ...options,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  // Where no file handle is left there are no pipes, and the error comes later.
  if (child.pid === undefined) {
    return Object.assign(child, { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() });
  }
  for (const pipe of [child.stdin, child.stdio[3]]) pipe?.on('error', () => undefined);
  return child as GuardedProgram;
}

/** Ends the program with all that it started: a shell's children too. */
export function killGuarded({ pid }: Pick<GuardedProgram, 'pid'>): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
