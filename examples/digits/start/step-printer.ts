import { seconds } from '../progress.ts';

/** The steps of a start, each with its time; kept, because `--json` reports them. */
export interface StepPrinter {
  /** Runs `work` and prints what it says of its result: `  1.2 s  data registered: ...`. */
  step<T>(name: string, work: () => Promise<T>, say: (result: T) => string): Promise<T>;
  /** A step that was timed elsewhere: a phase of a replica. */
  timed(name: string, durationMs: number, text: string): void;
  line(text: string): void;
  readonly phases: readonly TimedStep[];
}

export interface TimedStep {
  readonly name: string;
  readonly durationMs: number;
}

export function stepPrinter(write: (text: string) => void, monotonicMs: () => number): StepPrinter {
  const phases: TimedStep[] = [];
  const timed = (name: string, durationMs: number, text: string): void => {
    phases.push({ name, durationMs: Math.round(durationMs) });
    write(`${seconds(durationMs).padStart(8)}  ${text}\n`);
  };
  return {
    phases,
    timed,
    line: (text) => {
      write(`${text}\n`);
    },
    async step(name, work, say) {
      const startedMs = monotonicMs();
      const result = await work();
      timed(name, monotonicMs() - startedMs, say(result));
      return result;
    },
  };
}
