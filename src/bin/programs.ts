import type { Program } from '../cli/context.ts';

interface RunnableProgram {
  main(argv: readonly string[], signal: AbortSignal): Promise<number>;
}

/** Plimsoll's own programs, each loaded only when it is the one to run. */
const programs: Readonly<Record<Program, () => Promise<RunnableProgram>>> = {
  'model-server': () => import('./model-server.ts'),
  gateway: () => import('./gateway.ts'),
  'control-plane': () => import('./control-plane.ts'),
  supervisor: () => import('./supervisor.ts'),
  'file-fetcher': () => import('./file-fetcher.ts'),
};

export async function runOwnProgram(program: Program, argv: readonly string[], signal: AbortSignal): Promise<number> {
  return (await programs[program]()).main(argv, signal);
}
