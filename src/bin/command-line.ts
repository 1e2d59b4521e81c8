import { runProgram } from '../cli/program.ts';
import type { Store } from '../ports/records/store.ts';
import { makeCliContext } from './cli-context.ts';
import { plimsollVersion } from './version.ts';

/** Whoever reads may go before the end (`plimsoll history | head`): what is written then is lost, and the command goes on. */
function refuseUnlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Runs this process's command line and resolves with its exit status. */
export async function runCommandLine(): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', refuseUnlessClosed);
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
