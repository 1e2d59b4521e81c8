/** Runs all cases against one change after another. A thread of its own, because a change may loop for ever. */
import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { Failure } from '../../src/testing/hardware-cases/run-cases.ts';
import type { CaseModule, CaseModules } from './case-modules.ts';

/** One file as a change has it, and the cases that are likely to see it. */
export interface Trial {
  readonly file: string;
  readonly code: string;
  readonly tryFirst: readonly number[];
}

export type TrialOutcome = Failure | null;

type Body = (module: { exports: object }, exports: object, require: (name: string) => unknown) => void;

const { entry, modules } = workerData as CaseModules;
const requirePackage = createRequire(import.meta.url);

const compile = (code: string, file: string): Body =>
  new Script(`(function (module, exports, require) {${code}\n})`, { filename: file }).runInThisContext() as Body;

const bodies = new Map([...modules].map(([file, { code }]) => [file, compile(code, file)] as const));

/** Every module is made anew for each change: none keeps what another change made it remember. */
function runCases({ file: changed, code, tryFirst }: Trial): TrialOutcome {
  const body = compile(code, changed);
  const made = new Map<string, { exports: object }>();
  const load = (file: string): object => {
    const before = made.get(file);
    if (before !== undefined) return before.exports;
    const module = { exports: {} };
    made.set(file, module);
    const { imports } = modules.get(file) as CaseModule;
    const run = file === changed ? body : (bodies.get(file) as Body);
    run(module, module.exports, (name) => {
      const other = imports[name];
      return other === undefined ? requirePackage(name) : load(other);
    });
    return module.exports;
  };
  const { firstFailure } = load(entry) as { firstFailure: (first: readonly number[]) => Failure | null };
  return firstFailure(tryFirst);
}

parentPort?.on('message', (trial: Trial) => {
  try {
    parentPort?.postMessage(runCases(trial));
  } catch (thrown) {
    parentPort?.postMessage({ place: -1, says: `throws: ${String(thrown)}` } satisfies TrialOutcome);
  }
});
