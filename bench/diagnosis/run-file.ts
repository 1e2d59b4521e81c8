import { openKeptLines, type KeptLines } from '../kept-lines.ts';
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

/** @throws Error where a line is none of a run. */
export const openRunFile = (file: string): KeptLines<Run> =>
  openKeptLines(file, { sources, what: 'run', texts: ['name'] });
