import type { SimulatedWorld } from '../simulation/world.ts';
import { chooseGrid, mostLevels } from './choose-grid.ts';
import { demandCurves, type DemandCurves, type Grid } from './demand-curves.ts';
import { summariseDemand, type DemandSummary } from './demand-summary.ts';
import { priceLateness } from './price-lateness.ts';
import type { RelaxedProblem } from './relaxed-problem.ts';
import { startCharge, type StartCharge, type StartKnowledge } from './start-charge.ts';

export interface LowerBound {
  /** No policy that attains the share costs less, replica-seconds of the scored time in all states; Infinity: none attains it. */
  readonly acceleratorSeconds: number;
  /** Work of the requests and least replicas alone, without starts and whole replicas: the weaker bound that always stands. */
  readonly workSeconds: number;
  readonly knowledge: StartKnowledge;
  /** Null where the starts are too short, or the demand too large, for the grid: then it is `workSeconds`. */
  readonly grid: Grid | null;
  /** Requests that may be late, and price of one that the bound was found at, replica-seconds. */
  readonly lateAtMost: number;
  readonly lateRequestSeconds: number;
}

/** Steps of one sweep at most; about a second on one core. */
const stepsPerSweepAtMost = 150_000_000;

/**
 * A lower bound on what any policy costs in this world: theorem, assumptions and proof are in docs/scaling-bounds.md. It reads
 * `arrivals`, the scored time, the curve, the starts, `initialReplicas`, and of the terms the objective and `minReplicas`;
 * everything else of the world can only make a policy dearer.
 */
export function lowerBound(
  world: SimulatedWorld,
  knowledge: StartKnowledge,
  stepsAtMost: number = stepsPerSweepAtMost,
): LowerBound {
  const demand = summariseDemand(world);
  const charge = startCharge(world.starts, knowledge);
  const { lateAtMost } = demand;
  const workSeconds = workBoundMs(world, demand) / 1000;
  const found = { workSeconds, knowledge, lateAtMost, grid: null, lateRequestSeconds: 0 };
  if (demand.hopeless > lateAtMost) return { ...found, acceleratorSeconds: Infinity };
  const grid = chooseGrid(world, demand, charge.leastMs, stepsAtMost);
  if (grid === null) return { ...found, acceleratorSeconds: workSeconds };
  const problem = relaxedProblem(world, demandCurves(world, demand, grid), grid, charge);
  const priced = priceLateness(problem, lateAtMost - demand.hopeless);
  const acceleratorSeconds = Math.max(workSeconds, priced.costMs / 1000);
  return { ...found, grid, acceleratorSeconds, lateRequestSeconds: priced.latePriceMs / 1000 };
}

/** The least level throughout; or the work that is due by the end, less that of the largest requests that may be late. */
function workBoundMs(world: SimulatedWorld, demand: DemandSummary): number {
  const spared = Math.max(0, demand.lateAtMost - demand.hopeless);
  const workMs = demand.dueCostsMs.subarray(0, Math.max(0, demand.dueCostsMs.length - spared)).reduce((a, b) => a + b, 0);
  return Math.max(leastLevel(world) * (world.endMs - world.scoreFromMs), workMs);
}

/** Replicas that are held at every moment: those that are ready at first are never let go below the terms' minimum. */
function leastLevel(world: SimulatedWorld): number {
  return Math.min(world.terms.minReplicas, world.initialReplicas);
}

function relaxedProblem(world: SimulatedWorld, curves: DemandCurves, grid: Grid, charge: StartCharge): RelaxedProblem {
  const least = leastLevel(world);
  const early = world.scoreFromMs < charge.leastMs;
  return {
    grid,
    curves,
    startChargesMs: startChargesMs(world, grid, charge),
    leastLevel: least,
    mostLevel: Math.max(1, least, Math.min(mostLevels, usefulLevel(curves, grid))),
    initialLevel: early ? world.initialReplicas : Infinity,
  };
}

/** A level that empties every backlog in one cell. */
function usefulLevel({ least, most }: DemandCurves, grid: Grid): number {
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
