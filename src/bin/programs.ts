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

/** Time for what is on its way out; then the process ends, whatever is still open. */
const leaveWithinMs = 5_000;

/**
 * Runs until the program ends. A connection or a timer that it left open does not keep the process: whoever waits for the
 * end, a kubelet that starts it again or one that stands by, would wait for ever.
 */
export async function runOwnProgram(program: Program, argv: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    return await (await programs[program]()).main(argv, signal);
  } finally {
    setTimeout(() => process.exit(), leaveWithinMs).unref();
  }
}
