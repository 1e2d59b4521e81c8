import { openKeptLines, type KeptLines } from '../kept-lines.ts';
import type { Cell } from './judge-cell.ts';

/** A cell, and over how many draws it was judged. */
export interface KeptCell extends Cell {
  readonly draws: number;
}

/** What a cell depends on: the policies, what is simulated, and how it is judged. */
const sources = [
  ...['learned', 'own', 'policies', 'seasons', 'simulation'].map((name) => `src/core/scaling/${name}`),
  ...['src/core/capacity', 'src/core/coldstart', 'src/core/statistics', 'bench/scaling/worlds.ts'],
  ...['judge-cell', 'run-record', 'worlds'].map((name) => `bench/scaling-wrong/${name}.ts`),
];

/** @throws Error where a line is none of a cell. */
export const openCellFile = (file: string): KeptLines<KeptCell> =>
  openKeptLines(file, { sources, what: 'cell', texts: ['workload', 'wrong', 'verdict'] });
