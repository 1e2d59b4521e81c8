import type { SimulatedWorld } from '../../simulation/world.ts';
import { chooseGrid, mostLevels } from './choose-grid.ts';
import { summariseDemand, type DemandSummary } from './demand-summary.ts';
import type { Disposal } from './disposal.ts';
import { dropInAnyOrder } from './drop-in-any-order.ts';
import type { Grid } from './grid.ts';
import { priceLateness } from './price-lateness.ts';
import type { RelaxedProblem } from './relaxed-problem.ts';
import { leastWanted } from '../schedule.ts';
import { serveInOrder } from './serve-in-order.ts';
import { startCharge, type StartCharge, type StartKnowledge } from './start-charge.ts';

export interface LowerBound {
  /** The largest of those below: no policy that attains the share costs less, replica-seconds of the scored time in all states. */
  readonly acceleratorSeconds: number;
  /** Work of the requests, or the least replicas, without starts and whole replicas. */
  readonly workSeconds: number;
  /** Requests in any order, late ones dropped; Infinity: no policy attains the share. Null where the grid is null. */
  readonly anyOrderSeconds: number | null;
  /** First come first served, late ones served too. Null where requests may be lost otherwise, or the grid is null. */
  readonly inOrderSeconds: number | null;
  readonly knowledge: StartKnowledge;
  /** Null where the starts are too short, or the demand too large, for a grid. */
  readonly grid: Grid | null;
  /** Requests that may be late. */
  readonly lateAtMost: number;
}

/** Steps of one sweep at most; all sweeps together then take some seconds on one core. */
const stepsPerSweepAtMost = 40_000_000;

/**
 * A lower bound on what any policy costs in this world: theorem, assumptions and proof are in docs/scaling-bounds.md. It reads
 * `arrivals`, the scored time, the curve, the starts, `initialReplicas`, how requests can be lost, and of the terms the objective
 * and the least replicas; everything else of the world can only make a policy dearer.
 */
export function lowerBound(
  world: SimulatedWorld,
  knowledge: StartKnowledge,
  stepsAtMost: number = stepsPerSweepAtMost,
): LowerBound {
  const demand = summariseDemand(world);
  const charge = startCharge(world.starts, knowledge);
  const { lateAtMost, hopeless } = demand;
  const workSeconds = workBoundMs(world, demand) / 1000;
  const grid = chooseGrid(world, demand, charge.leastMs, stepsAtMost);
  const seconds = (disposal: Disposal | null): number | null =>
    grid === null || disposal === null
      ? null
      : priceLateness(relaxedProblem(world, disposal, grid, charge), lateAtMost - hopeless) / 1000;
  const possible = hopeless <= lateAtMost;
  const anyOrderSeconds = possible ? seconds(grid && dropInAnyOrder(world, demand, grid)) : Infinity;
  const inOrderSeconds = possible ? seconds(grid && serveInOrder(world, demand, grid)) : Infinity;
  const acceleratorSeconds = Math.max(workSeconds, anyOrderSeconds ?? 0, inOrderSeconds ?? 0);
  return { acceleratorSeconds, workSeconds, anyOrderSeconds, inOrderSeconds, knowledge, grid, lateAtMost };
}

/** The least level throughout; or the work that is due by the end, less that of the largest requests that may be late. */
function workBoundMs(world: SimulatedWorld, demand: DemandSummary): number {
  const spared = Math.max(0, demand.lateAtMost - demand.hopeless);
  const workMs = demand.dueCostsMs
    .subarray(0, Math.max(0, demand.dueCostsMs.length - spared))
    .reduce((a, b) => a + b, 0);
  return Math.max(leastLevel(world) * (world.endMs - world.scoreFromMs), workMs);
}

/**
 * Replicas that are ready at every moment: a ready one is let go only when more are ready than are wanted, and fewer than the
 * terms' minimum are never wanted.
 */
function leastLevel(world: SimulatedWorld): number {
  return Math.min(leastWanted(world.terms), world.initialReplicas);
}

function relaxedProblem(world: SimulatedWorld, disposal: Disposal, grid: Grid, charge: StartCharge): RelaxedProblem {
  const least = leastLevel(world);
  const early = world.scoreFromMs + grid.cellMs <= charge.leastMs;
  return {
    grid,
    disposal,
    startChargesMs: startChargesMs(world, grid, charge),
    leastLevel: least,
    mostLevel: Math.max(1, least, Math.min(mostLevels, usefulLevel(disposal, grid))),
    initialLevel: early ? world.initialReplicas : Infinity,
  };
}

/** A level that empties every backlog in one cell. */
function usefulLevel({ least, most }: Disposal, grid: Grid): number {
  let quanta = 0;
  for (let cell = 0; cell < grid.cells; cell += 1) {
    quanta = Math.max(quanta, (most[cell + 1] as number) - (least[cell] as number));
  }
  return Math.ceil(quanta / grid.quantaPerCell);
}

/**
 * Of a step up into each cell. A replica that is ready in the cell has loaded for its start, less the cell that rounding its
 * beginning outwards adds; or, where it was ordered before the scored time, from the beginning of that on. Nothing that is
 * ordered at 0 is ready before the least start.
 */
function startChargesMs(world: SimulatedWorld, grid: Grid, charge: StartCharge): Float64Array {
  const charges = new Float64Array(grid.cells);
  const orderedBefore = world.scoreFromMs > 0;
  for (let cell = 0; cell < grid.cells; cell += 1) {
    const fromMs = cell * grid.cellMs;
    const impossible = world.scoreFromMs + fromMs + grid.cellMs <= charge.leastMs;
    const free = orderedBefore && fromMs < charge.freeForMs;
    const chargeMs = free ? Math.min(fromMs, charge.leastMs - grid.cellMs) : charge.chargeMs - grid.cellMs;
    charges[cell] = impossible ? Infinity : chargeMs;
  }
  return charges;
}
