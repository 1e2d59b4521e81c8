import { runProgram } from '../cli/program.ts';
import type { Store } from '../ports/records/store.ts';
import { makeCliContext } from './cli-context.ts';
import { plimsollVersion } from './version.ts';

/** Runs this process's command line and resolves with its exit status. */
export async function runCommandLine(): Promise<number> {
  const stores: Pick<Store, 'close'>[] = [];
  try {
    return await runProgram(
      process.argv.slice(2),
      { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text) },
      plimsollVersion,
      (options) => makeCliContext(options, (store) => stores.push(store)),
    );
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}
