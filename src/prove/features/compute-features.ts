import type { FeatureProgram } from '../../core/contract/contract.ts';
import type { CustomValues } from '../../core/monitoring/features/custom-features.ts';
import type { ComputedFeatures } from '../../ports/monitoring/feature-source.ts';
import { makeFeatureProcess, nameOfProgram, type FeatureProcess } from './feature-program.ts';

/** Programs of features of one folder. */
export interface FeatureRunner {
  compute(lines: readonly string[], withinMs: number): Promise<ComputedFeatures>;
  close(): void;
}

interface Kept {
  readonly program: FeatureProgram;
  readonly process: FeatureProcess;
  /** Why it rests, and until when (of `performance.now`). */
  rests: { readonly because: string; readonly untilMs: number } | null;
}

/** After a failure a program rests so long: one that hangs costs its time limit once in that time. */
const restMs = 30_000;

export function makeFeatureRunner(
  programs: readonly FeatureProgram[],
  folder: string,
  env: Readonly<Record<string, string>>,
): FeatureRunner {
  const kept = programs.map((program): Kept => ({
    program,
    process: makeFeatureProcess(program, folder, env),
    rests: null,
  }));
  return {
    async compute(lines, withinMs) {
      const deadlineMs = performance.now() + withinMs;
      const rows: CustomValues[] = lines.map(() => ({}));
      const failures: Record<string, string> = {};
      await Promise.all(
        kept.map(async (each) => {
          const { rows: answers, because } = await askRested(each, lines, deadlineMs);
          answers.forEach((values, at) => {
            rows[at] = { ...rows[at], ...values };
          });
          if (because !== null) failures[nameOfProgram(each.program)] = because;
        }),
      );
      return { rows, failures };
    },
    close() {
      for (const each of kept) each.process.close();
    },
  };
}

async function askRested(each: Kept, lines: readonly string[], deadlineMs: number) {
  if (each.rests !== null && performance.now() < each.rests.untilMs) return { rows: [], because: each.rests.because };
  const asked = await each.process.ask(lines, deadlineMs);
  each.rests = asked.because === null ? null : { because: asked.because, untilMs: performance.now() + restMs };
  return asked;
}
