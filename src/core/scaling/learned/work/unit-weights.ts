import { fitNonNegative } from '../../../statistics/fitting/non-negative-least-squares.ts';
import { solveLinear } from '../../../statistics/fitting/solve-linear.ts';

/**
 * What a request costs, and what each unit of its work costs, learned from blocks of requests: weighted least squares that forgets, with no
 * cost below 0. Costs are relative to what the told curve gives a request. JSON-safe.
 */
export interface UnitWeights {
  /** Upper triangle of all rows so far: first the request, then the units, then the cost. Its squares are those of the rows. */
  readonly triangle: readonly (readonly number[])[];
  /** Blocks that it rests on, older ones counted for less. */
  readonly blocks: number;
  /** Cost of a request without any work, then of one unit of each kind. */
  readonly costs: readonly number[];
}

/** One block of requests. */
export interface CostBlock {
  /** Mean units of work of a request, one number for each kind. */
  readonly sizes: readonly number[];
  /** Mean cost of a request, above 0. */
  readonly cost: number;
  /** Its variance is `scatter / weight`, for a scatter that is the same for all blocks. */
  readonly weight: number;
}

/** Before the first block a request costs what the told curve says, whatever its work. @param kinds of units */
export function beginWeights(kinds: number): UnitWeights {
  const columns = kinds + 2;
  return {
    triangle: Array.from({ length: columns }, () => Array.from({ length: columns }, () => 0)),
    blocks: 0,
    costs: Array.from({ length: kinds + 1 }, (_, at) => (at === 0 ? 1 : 0)),
  };
}

/**
 * Returns the weights with one more block: the row is rotated into the triangle (Givens; Golub and Van Loan 2013, 5.1), which keeps what the
 * rows say exactly, and the costs are the non-negative ones that fit the triangle best.
 *
 * @param keptShare of the weight of older blocks
 */
export function addCostBlock(weights: UnitWeights, block: CostBlock, keptShare: number): UnitWeights {
  const root = Math.sqrt(keptShare);
  const triangle = weights.triangle.map((row) => row.map((value) => value * root));
  const row = [1, ...block.sizes, block.cost].map((value) => value * Math.sqrt(block.weight));
  rotateIn(triangle, row);
  const fit = fitNonNegative(
    triangle.map((each) => each.slice(0, -1)),
    triangle.map((each) => each.at(-1) ?? 0),
  );
  return { triangle, blocks: weights.blocks * keptShare + 1, costs: fit.coefficients };
}

/** Returns the cost of a request of these sizes; above 0. */
export function costOf({ costs }: Pick<UnitWeights, 'costs'>, sizes: readonly number[]): number {
  const cost = sizes.reduce((sum, size, at) => sum + size * (costs[at + 1] ?? 0), costs[0] ?? 0);
  return Math.max(leastCost, cost);
}

/** A request of next to no work costs something: its logarithm is taken. */
const leastCost = 1e-3;

/**
 * Returns the standard deviation of the difference between what requests of two sizes cost: how far the weights are known along the way from
 * the one to the other. Infinity with too few blocks.
 */
export function deviationBetween(weights: UnitWeights, of: readonly number[], over: readonly number[]): number {
  const { triangle, blocks, costs } = weights;
  const used = costs.flatMap((cost, at) => (cost > 0 ? [at] : []));
  if (blocks <= used.length) return Infinity;
  const steps = [0, ...of.map((size, at) => size - (over[at] ?? 0))];
  const lengths = used.map((at) => Math.sqrt(triangle.reduce((sum, row) => sum + (row[at] ?? 0) ** 2, 0)));
  const scaled = used.map((at, index) => (steps[at] ?? 0) / (lengths[index] ?? 1));
  const system = used.map((a, i) => [
    ...used.map(
      (b, j) =>
        triangle.reduce((sum, row) => sum + (row[a] ?? 0) * (row[b] ?? 0), 0) / ((lengths[i] ?? 1) * (lengths[j] ?? 1)),
    ),
    scaled[i] ?? 0,
  ]);
  const solved = solveLinear(system);
  if (solved === null) return Infinity;
  const form = solved.reduce((sum, value, index) => sum + value * (scaled[index] ?? 0), 0);
  return Math.sqrt((squaresLeft(weights) / (blocks - used.length)) * Math.max(0, form));
}

function squaresLeft({ triangle, costs }: UnitWeights): number {
  return triangle.reduce((sum, row) => {
    const fitted = costs.reduce((part, cost, at) => part + cost * (row[at] ?? 0), 0);
    return sum + ((row[costs.length] ?? 0) - fitted) ** 2;
  }, 0);
}

/** Both are overwritten. */
function rotateIn(triangle: number[][], row: number[]): void {
  for (const [at, other] of triangle.entries()) {
    const [above, value] = [other[at] ?? 0, row[at] ?? 0];
    const length = Math.hypot(above, value);
    if (length === 0) continue;
    const [cosine, sine] = [above / length, value / length];
    for (let column = at; column < row.length; column += 1) {
      const [upper, lower] = [other[column] ?? 0, row[column] ?? 0];
      other[column] = cosine * upper + sine * lower;
      row[column] = cosine * lower - sine * upper;
    }
  }
}
