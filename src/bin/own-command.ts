import { getCompileCacheDir } from 'node:module';
import path from 'node:path';
import { controlPlaneNodeFlags } from '../control-plane/node-flags.ts';
import { gatewayNodeFlags } from '../gateway/node-flags.ts';

/** Commands that are processes of their own, and the flags that their Node gets. */
const nodeFlags = {
  gateway: gatewayNodeFlags,
  'control-plane': controlPlaneNodeFlags,
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** This installation's own command line, from a clone and from the published bundle alike. */
export function ownCommand(flags: readonly string[] = []): readonly string[] {
  return [process.execPath, '--disable-warning=ExperimentalWarning', ...flags, process.argv[1] ?? ''];
}

export function ownProgram(name: keyof typeof nodeFlags, args: readonly string[]): { file: string; args: string[] } {
  const [file = '', ...first] = ownCommand(nodeFlags[name]);
  return { file, args: [...first, name, ...args] };
}

/**
 * The variable by which a program or thread that is started reads compiled code from its first file on, out of the cache
 * of this process. Without it a program from sources loads Node's type stripper for that one file, which keeps 30 MB, and a
 * thread compiles all anew.
 */
export function compileCacheEnvironment(): Readonly<Record<string, string>> {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: path.dirname(folder) };
}
