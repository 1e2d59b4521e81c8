import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { presentDigests } from '../../scripts/figures/source-digest.ts';
import type { Run } from './score.ts';

/** What a run depends on: the faults, and everything that reads, suspects and tries. */
const sources = [
  ...['control-groups', 'diagnose-world', 'disturbances', 'faults', 'load-program', 'served-engine'].map(ofBench),
  ...['upstream-program', 'world'].map(ofBench),
  ...['cause.ts', 'container', 'finding', 'order', 'readings', 'waterfall'].map((name) => `src/core/diagnosis/${name}`),
  ...['ablation', 'readings', 'page-cache.ts'].map((name) => `src/adapters/system/${name}`),
  'src/prove/diagnosis',
];

function ofBench(name: string): string {
  return `bench/diagnosis/${name}.ts`;
}

/** A line of the file: a run, when it ended, and a digest of the code that it was of. */
interface KeptRun extends Run {
  readonly at: string;
  readonly code: string;
}

/** Runs add up over days in one file, as long as they are of the same code. */
export interface RunFile {
  /** Of the present code. */
  readonly runs: readonly Run[];
  /** Runs of other code: they do not count. */
  readonly others: number;
  append(run: Run): void;
}

/** @throws Error where a line is none of a run. */
export function openRunFile(file: string): RunFile {
  const root = path.join(import.meta.dirname, '../..');
  const code = presentDigests(root, new Map([['diagnosis', sources]]))?.get('diagnosis') ?? 'no checkout of git';
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const kept = lines.flatMap((line, at) => (line === '' ? [] : [parseLine(line, `${file}: line ${at + 1}`)]));
  const runs = kept.filter((run) => run.code === code);
  return {
    runs,
    others: kept.length - runs.length,
    append: (run) => {
      const line: KeptRun = { at: new Date().toISOString(), code, ...run };
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    },
  };
}

function parseLine(line: string, where: string): KeptRun {
  try {
    const run = JSON.parse(line) as Partial<KeptRun> | null;
    if (typeof run?.name === 'string' && typeof run.code === 'string') return run as KeptRun;
  } catch {
    // Said below.
  }
  throw new Error(`${where} is no run of this bench: give --file the name of a new file, or of one that it wrote`);
}
