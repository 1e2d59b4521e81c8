import type { Program } from '../cli/context.ts';
import { controlPlaneNodeFlags } from '../control-plane/node-flags.ts';
import { gatewayNodeFlags } from '../gateway/node-flags.ts';

interface RunnableProgram {
  main(argv: readonly string[], signal: AbortSignal): Promise<number>;
}

/** Plimsoll's own programs, each loaded only when it is the one to run. */
const programs: Partial<Record<Program, () => Promise<RunnableProgram>>> = {
  'model-server': () => import('./model-server.ts'),
  gateway: () => import('./gateway.ts'),
  'control-plane': () => import('./control-plane.ts'),
  supervisor: () => import('./supervisor.ts'),
};

export async function runOwnProgram(program: Program, argv: readonly string[], signal: AbortSignal): Promise<number> {
  const load = programs[program];
  if (load === undefined) throw new Error(`${program} is not wired yet`);
  return (await load()).main(argv, signal);
}

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
