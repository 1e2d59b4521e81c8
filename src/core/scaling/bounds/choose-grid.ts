import type { SimulatedWorld } from '../simulation/world.ts';
import type { DemandSummary } from './demand-summary.ts';
import type { Grid } from './grid.ts';

/**
 * How fine the relaxation looks. Any grid gives a valid bound; a finer one a tighter one. A cell is at most a twentieth of the
 * least start (each start loses two cells to rounding) and at most the latency, as far as `stepsAtMost` allows; never above
 * half of the least start, where the proof ends. Null where not even that is allowed: then work alone bounds.
 */
export function chooseGrid(
  world: SimulatedWorld,
  demand: DemandSummary,
  leastStartMs: number,
  stepsAtMost: number,
): Grid | null {
  const scoredMs = world.endMs - world.scoreFromMs;
  let cellMs = Math.min(leastStartMs / 20, world.terms.latencyMs / 4);
  while (cellMs <= leastStartMs / 2 && cellMs <= scoredMs) {
    const grid = gridOf(cellMs, world, demand);
    if (steps(grid, scoredMs, demand) <= stepsAtMost) return grid;
    cellMs *= 1.25;
  }
  return null;
}

function gridOf(wantedMs: number, world: SimulatedWorld, demand: DemandSummary): Grid {
  const { latencyMs } = world.terms;
  const scoredMs = world.endMs - world.scoreFromMs;
  const cellsLate = Math.max(1, Math.ceil(latencyMs / wantedMs - 1e-9));
  // A divisor of the latency, so that what arrives in one cell is due in one cell.
  const cellMs = wantedMs <= latencyMs ? latencyMs / cellsLate : wantedMs;
  const backlog = (meanLevel(demand, scoredMs) * latencyMs) / cellMs;
  const quantaPerCell = Math.min(8, Math.max(1, Math.ceil(20 / Math.max(backlog, 1e-9))));
  return { cells: Math.floor(scoredMs / cellMs), cellMs, quantaPerCell, cellsLate };
}

function meanLevel(demand: DemandSummary, scoredMs: number): number {
  return demand.costMs / scoredMs;
}

/** Steps of one sweep of `relaxedCost`, by the mean of the demand. */
function steps({ cells, cellMs, quantaPerCell, cellsLate }: Grid, scoredMs: number, demand: DemandSummary): number {
  const level = meanLevel(demand, scoredMs);
  const quanta = level * quantaPerCell;
  const layers = Math.min(mostLevels, Math.ceil(4 * level) + 2) + cellsLate;
  return cellMs > 0 ? cells * layers * (quanta * (cellsLate + 1) + 3) * (2 + quanta) : Infinity;
}

/** Levels that are whole in the relaxation; what a fleet has above them is bought by the quantum. */
export const mostLevels = 64;
