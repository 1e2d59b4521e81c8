import { totalSeconds } from './score.ts';
import type { SimulationResult } from '../world.ts';
import type { ToldWrong } from '../told-evidence.ts';

/** How a policy fares while one kind of evidence is wrong; means over the draws. */
export interface SweptPolicy {
  readonly policy: string;
  readonly wrong: ToldWrong;
  readonly draws: number;
  /** By rising factor; 1 is among them. */
  readonly cells: readonly SweptCell[];
}

export interface SweptCell {
  /** Told over real: a capacity told at 2 is half as large in truth. */
  readonly toldFactor: number;
  readonly attainmentShare: number;
  readonly acceleratorSeconds: number;
  /** Accelerator-seconds over those with right knowledge, less 1: 0.9 is 90% dearer. Null where right knowledge costs nothing. */
  readonly overRightShare: number | null;
}

/** Cells of one policy from its runs, one list of draws for each factor. */
export function sweepCells(
  runs: readonly { readonly toldFactor: number; readonly results: readonly SimulationResult[] }[],
): readonly SweptCell[] {
  const means = runs.map(({ toldFactor, results }) => ({
    toldFactor,
    attainmentShare: meanOf(results, ({ attainmentShare }) => attainmentShare),
    acceleratorSeconds: meanOf(results, ({ acceleratorSeconds }) => totalSeconds(acceleratorSeconds)),
  }));
  const right = means.find(({ toldFactor }) => toldFactor === 1)?.acceleratorSeconds ?? 0;
  return means.map((cell) => ({ ...cell, overRightShare: right > 0 ? cell.acceleratorSeconds / right - 1 : null }));
}

const meanOf = (results: readonly SimulationResult[], of: (result: SimulationResult) => number): number =>
  results.reduce((sum, result) => sum + of(result), 0) / Math.max(1, results.length);
