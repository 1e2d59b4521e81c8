import type { Program } from '../cli/context.ts';

interface RunnableProgram {
  main(argv: readonly string[], signal: AbortSignal): Promise<number>;
}

/** Plimsoll's own programs, each loaded only when it is the one to run. */
const programs: Partial<Record<Program, () => Promise<RunnableProgram>>> = {
  'model-server': () => import('./model-server.ts'),
  gateway: () => import('./gateway.ts'),
};

export async function runOwnProgram(program: Program, argv: readonly string[], signal: AbortSignal): Promise<number> {
  const load = programs[program];
  if (load === undefined) throw new Error(`${program} is not wired yet`);
  return (await load()).main(argv, signal);
}
