import type { SimulatedWorld } from '../../simulation/world.ts';
import type { DemandSummary } from './demand-summary.ts';
import type { Grid } from './grid.ts';

/**
 * How fine the relaxation looks. Any grid gives a valid bound; a finer one a tighter one. A cell is at most a twentieth of the
 * least start (each start loses two cells to rounding) and at most a quarter of the latency, as far as `stepsAtMost` allows; never above
 * half of the least start, where the proof ends. Null where not even that is allowed: then work alone bounds.
 */
export function chooseGrid(
  world: SimulatedWorld,
  demand: DemandSummary,
  leastStartMs: number,
  stepsAtMost: number,
): Grid | null {
  const scoredMs = world.endMs - world.scoreFromMs;
  const finestMs = Math.min(leastStartMs / 20, world.terms.latencyMs / 4);
  const coarsestMs = Math.min(leastStartMs / 2, scoredMs);
  for (let wantedMs = finestMs; wantedMs > 0 && wantedMs <= coarsestMs; wantedMs *= 1.25) {
    const { cellMs, cellsLate } = cellsOf(wantedMs, world.terms.latencyMs);
    const backlog = (meanLevel(demand, scoredMs) * world.terms.latencyMs) / cellMs;
    // About twenty quanta of backlog: fewer blur what is late, more take time.
    const wanted = Math.min(8, Math.max(1, Math.ceil(20 / Math.max(backlog, 1e-9))));
    for (let quantaPerCell = wanted; quantaPerCell >= 1; quantaPerCell = Math.floor(quantaPerCell / 2)) {
      const grid = { cells: Math.floor(scoredMs / cellMs), cellMs, quantaPerCell, cellsLate };
      if (steps(grid, scoredMs, demand) <= stepsAtMost) return grid;
    }
  }
  return null;
}

function cellsOf(wantedMs: number, latencyMs: number): Pick<Grid, 'cellMs' | 'cellsLate'> {
  if (wantedMs > latencyMs) return { cellMs: wantedMs, cellsLate: 1 };
  // A divisor of the latency, so that what arrives in one cell is due in one cell.
  const cellsLate = Math.ceil(latencyMs / wantedMs - 1e-9);
  return { cellMs: latencyMs / cellsLate, cellsLate };
}

function meanLevel(demand: DemandSummary, scoredMs: number): number {
  return demand.costMs / scoredMs;
}

/** Steps of one sweep of `relaxedCost`, by the mean of the demand. */
function steps({ cells, quantaPerCell, cellsLate }: Grid, scoredMs: number, demand: DemandSummary): number {
  const level = meanLevel(demand, scoredMs);
  const quanta = level * quantaPerCell;
  const layers = Math.min(mostLevels, Math.ceil(4 * level) + 2) + cellsLate;
  return cells * layers * (quanta * (cellsLate + 1) + 3) * (2 + quanta);
}

/** Levels that are whole in the relaxation; what a fleet has above them is bought by the quantum. */
export const mostLevels = 64;
