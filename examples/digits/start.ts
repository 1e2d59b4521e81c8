// What `npm start` runs: trains or finds the models, registers, checks, serves and watches them, and keeps real digits
// flowing. `--help` lists the options.
import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { parseStartOptions, help, type StartOptions } from './start/options.ts';

const options = readOptions(process.argv.slice(2));
if (options.help) {
  process.stdout.write(help);
} else {
  keepCompiled(path.join(import.meta.dirname, '.cache', 'compiled'));
  const { start } = await import('./start/start.ts');
  process.exitCode = await start(options);
}

function readOptions(argv: readonly string[]): StartOptions {
  try {
    return parseStartOptions(argv);
  } catch (thrown) {
    process.stderr.write(
      `npm start: ${thrown instanceof Error ? thrown.message : String(thrown)}\n  next: npm start -- --help\n`,
    );
    process.exit(2);
  }
}

/** Halves what each process spends on reading its sources; what this process starts and hands its variables to keeps it too. */
function keepCompiled(folder: string): void {
  process.env['NODE_COMPILE_CACHE'] ??= folder;
  enableCompileCache(process.env['NODE_COMPILE_CACHE']);
}
