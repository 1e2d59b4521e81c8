import { runProgram } from '../cli/program.ts';
import { makeCliContext } from './cli-context.ts';
import { plimsollVersion } from './version.ts';

/** Runs this process's command line and resolves with its exit status. */
export function runCommandLine(): Promise<number> {
  return runProgram(
    process.argv.slice(2),
    { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text) },
    plimsollVersion,
    makeCliContext,
  );
}
