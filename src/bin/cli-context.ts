import { userInfo } from 'node:os';
import type { CliContext } from '../cli/context.ts';
import type { GlobalOptions } from '../cli/program.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemRandom } from '../adapters/system/random.ts';
import { processTerminal } from '../adapters/system/terminal.ts';
import { plimsollVersion } from './version.ts';

/** Composes what a command may use; every heavy part is imported and opened on first use. */
export function makeCliContext(_options: GlobalOptions): CliContext {
  const interrupt = new AbortController();
  const abort = (): void => {
    interrupt.abort(new PlimsollError({ code: 'interrupted', category: 'unavailable', message: 'interrupted' }));
  };
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  const notWired = (what: string) => () => Promise.reject(new Error(`${what} is not wired yet`));
  return {
    version: plimsollVersion,
    cwd: process.cwd(),
    env: process.env,
    user: userInfo().username,
    clock: systemClock,
    random: systemRandom,
    terminal: processTerminal,
    signal: interrupt.signal,
    project: notWired('project'),
    environment: notWired('environment'),
    store: notWired('store'),
    blobs: notWired('blobs'),
    platform: notWired('platform'),
    replicaClient: notWired('replicaClient'),
    operations: notWired('operations'),
    runProgram: notWired('runProgram'),
  };
}
