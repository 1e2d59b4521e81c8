import path from 'node:path';
import type { ServerCommand } from './server-process.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

/** The built-in model server with one model. @param threads of its engine. */
export function plimsollCommand(model: string, threads: number): ServerCommand {
  const program = path.join(root, 'src', 'bin', 'plimsoll.ts');
  const serve = ['serve-model', '--model', `digits=${model}`, '--port', '0', '--threads', String(threads)];
  return {
    file: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', program, ...serve],
    portIn: (printed) => {
      const match = /"listening","port":(\d+)/.exec(printed);
      return match === null ? null : Number(match[1]);
    },
    readyPath: '/v2/health/ready',
    startTimeoutMs: 30_000,
  };
}
