import type { Disposal, Layout } from './disposal.ts';
import type { Grid } from './grid.ts';

/**
 * The relaxed problem of docs/scaling-bounds.md: whole replicas in whole cells, replica-time in quanta.
 *
 * Choose a level n for each cell; a cell disposes of at most `n * quantaPerCell` quanta by serving, of more as `disposal` says,
 * and between borders `least <= disposed <= most` holds. It costs `n * cellMs` for each cell, `startChargesMs` for each step up,
 * `-cellMs` for each step down, and a price for each request that is late.
 */
export interface RelaxedProblem {
  readonly grid: Grid;
  readonly disposal: Disposal;
  /** Charge of a step up into each cell, milliseconds; Infinity where nothing can be ready yet. */
  readonly startChargesMs: Float64Array;
  /** Least level; while it is 0, a request that finds level 0 in all its cells is late, however little work it is. */
  readonly leastLevel: number;
  /** Levels are whole up to here; above it capacity is bought by the quantum, without starts. */
  readonly mostLevel: number;
  /** Levels up to here are there from the beginning. */
  readonly initialLevel: number;
}

export interface RelaxedCost {
  /** Least cost, the price of what is late included; Infinity where no choice serves what must be served. */
  readonly costMs: number;
  /** Requests late in that choice: a slope of `costMs` as a function of the price. */
  readonly late: number;
}

/**
 * Least cost by dynamic programming over the cells, exact for the relaxed problem. A state is the level and the quanta
 * disposed of; level 0 is split by for how many cells it has been 0, up to the cells that a request has. A price of Infinity
 * forbids lateness. Time: cells x levels x backlog, and what `disposal` takes.
 */
export function relaxedCost(problem: RelaxedProblem, latePriceMs: number): RelaxedCost {
  const sweep = new Sweep(problem, latePriceMs);
  for (let cell = 0; cell < problem.grid.cells; cell += 1) {
    // What is there in the first cell is chosen freely: it has neither been started nor stopped in the scored time.
    if (cell > 0) sweep.switchLevels(cell);
    sweep.serve(cell);
    sweep.settle(cell);
  }
  return sweep.best();
}

/**
 * Costs of the states at one border: `costs[(disposed - least) * layers + layer]`. Layers: level 0 for one cell, for two, ...,
 * for so long that every request that is due now was there in no other time; then the levels from the least (or 1) up.
 */
class Sweep {
  readonly #problem: RelaxedProblem;
  readonly #priceMs: number;
  readonly #zeros: number;
  readonly #firstLevel: number;
  readonly #layers: number;
  readonly #layout: Layout;
  readonly #costs: Float64Array;
  readonly #counts: Float64Array;
  readonly #served: Float64Array;
  readonly #servedCounts: Float64Array;
  readonly #switched: Float64Array;
  readonly #switchedCounts: Float64Array;
  /** Of the border that `#costs` speaks of. */
  #leastDisposed = 0;
  #states = 1;

  constructor(problem: RelaxedProblem, priceMs: number) {
    const { grid, leastLevel, mostLevel } = problem;
    this.#problem = problem;
    this.#priceMs = priceMs;
    this.#zeros = leastLevel === 0 ? grid.cellsLate + 1 : 0;
    this.#firstLevel = Math.max(1, leastLevel);
    this.#layers = this.#zeros + mostLevel - this.#firstLevel + 1;
    this.#layout = {
      layers: this.#layers,
      zeros: this.#zeros,
      firstLevel: this.#firstLevel,
    };
    const size = this.#layers * widest(problem.disposal);
    this.#costs = new Float64Array(size).fill(Infinity);
    this.#counts = new Float64Array(size);
    this.#served = new Float64Array(size);
    this.#servedCounts = new Float64Array(size);
    this.#switched = new Float64Array(this.#layers);
    this.#switchedCounts = new Float64Array(this.#layers);
    // Nothing scored has come yet, so that a level of 0 counts as long ago.
    if (this.#zeros > 0) this.#costs[this.#zeros - 1] = 0;
    for (let layer = this.#zeros; layer < this.#layers; layer += 1) {
      if (this.#levelOf(layer) <= Math.max(leastLevel, problem.initialLevel)) this.#costs[layer] = 0;
    }
  }

  #levelOf(layer: number): number {
    return layer < this.#zeros ? 0 : layer - this.#zeros + this.#firstLevel;
  }

  /** Each step up pays its charge; each step down gets back the cell that rounding its end outwards added. */
  switchLevels(cell: number): void {
    const chargeMs = this.#problem.startChargesMs[cell] as number;
    for (let state = 0; state < this.#states; state += 1) {
      const from = state * this.#layers;
      const zero = this.#cheapestZero(from);
      this.#switchDown(from);
      this.#switchUp(from, chargeMs, zero);
      this.#takeSwitched(from);
    }
  }

  #cheapestZero(from: number): number {
    let zero = -1;
    for (let index = from; index < from + this.#zeros; index += 1) {
      if (zero < 0 || (this.#costs[index] as number) < (this.#costs[zero] as number)) zero = index;
    }
    return zero;
  }

  /** Into `#switched`: the cheapest way to each level from itself and from those above it; to level 0 too. */
  #switchDown(from: number): void {
    const { cellMs } = this.#problem.grid;
    let [cost, count] = [Infinity, 0];
    for (let layer = this.#layers - 1; layer >= this.#zeros; layer -= 1) {
      const here = this.#costs[from + layer] as number;
      cost -= cellMs;
      if (here <= cost) [cost, count] = [here, this.#counts[from + layer] as number];
      this.#switched[layer] = cost;
      this.#switchedCounts[layer] = count;
    }
    if (this.#zeros === 0) return;
    this.#switched[0] = cost - cellMs;
    this.#switchedCounts[0] = count;
  }

  /** Where coming from below is cheaper. */
  #switchUp(from: number, chargeMs: number, zero: number): void {
    let cost = zero < 0 ? Infinity : (this.#costs[zero] as number);
    let count = zero < 0 ? 0 : (this.#counts[zero] as number);
    for (let layer = this.#zeros; layer < this.#layers; layer += 1) {
      const here = this.#costs[from + layer] as number;
      cost += chargeMs;
      if (here <= cost) [cost, count] = [here, this.#counts[from + layer] as number];
      if (cost >= (this.#switched[layer] as number)) continue;
      this.#switched[layer] = cost;
      this.#switchedCounts[layer] = count;
    }
  }

  #takeSwitched(from: number): void {
    for (let layer = this.#zeros; layer < this.#layers; layer += 1) {
      this.#costs[from + layer] = this.#switched[layer] as number;
      this.#counts[from + layer] = this.#switchedCounts[layer] as number;
    }
    if (this.#zeros > 0) this.#ageZeros(from, this.#switched[0] as number, this.#switchedCounts[0] as number);
  }

  /** What has been 0 stays so for one cell longer; the longest keeps the better of two. */
  #ageZeros(from: number, afterLevel: number, levelCount: number): void {
    const [costs, counts] = [this.#costs, this.#counts];
    const last = from + this.#zeros - 1;
    const older = (costs[last] as number) <= (costs[last - 1] as number) ? last : last - 1;
    [costs[last], counts[last]] = [costs[older] as number, counts[older] as number];
    for (let index = last - 1; index > from; index -= 1) {
      [costs[index], counts[index]] = [costs[index - 1] as number, counts[index - 1] as number];
    }
    [costs[from], counts[from]] = [afterLevel, levelCount];
  }

  /** Serving as much as is there is never worse. The states grow to all from the old `least` to the new `most`. */
  serve(cell: number): void {
    const { grid, disposal } = this.#problem;
    const layers = this.#layers;
    const top = (disposal.most[cell + 1] as number) - this.#leastDisposed;
    this.#served.fill(Infinity, 0, (top + 1) * layers);
    for (let state = 0; state < this.#states; state += 1) {
      for (let layer = 0; layer < layers; layer += 1) {
        const cost = this.#costs[state * layers + layer] as number;
        if (cost === Infinity) continue;
        const level = this.#levelOf(layer);
        const to = Math.min(top, state + level * grid.quantaPerCell) * layers + layer;
        const total = cost + level * grid.cellMs;
        if (total >= (this.#served[to] as number)) continue;
        this.#served[to] = total;
        this.#servedCounts[to] = this.#counts[state * layers + layer] as number;
      }
    }
    this.#states = top + 1;
    this.#buyQuanta(grid.cellMs / grid.quantaPerCell);
  }

  /** Above the highest level a quantum costs what it is. */
  #buyQuanta(quantumMs: number): void {
    const layers = this.#layers;
    for (let to = 2 * layers - 1; to < this.#states * layers; to += layers) {
      const bought = (this.#served[to - layers] as number) + quantumMs;
      if (bought >= (this.#served[to] as number)) continue;
      this.#served[to] = bought;
      this.#servedCounts[to] = this.#servedCounts[to - layers] as number;
    }
  }

  /** What is due in the cell is late or not, and dropped or not: into `#costs`, for the next border. */
  settle(cell: number): void {
    const { disposal } = this.#problem;
    const served = {
      costs: this.#served,
      counts: this.#servedCounts,
      least: this.#leastDisposed,
      states: this.#states,
    };
    const next = { ...served, costs: this.#costs, counts: this.#counts };
    next.least = disposal.least[cell + 1] as number;
    next.states = served.least + served.states - next.least;
    next.costs.fill(Infinity, 0, next.states * this.#layers);
    disposal.settle(cell, served, next, this.#priceMs, this.#layout);
    this.#leastDisposed = next.least;
    this.#states = next.states;
  }

  /** A replica above the least level may end in the last cell: it gets back what rounding added, as at any step down. */
  best(): RelaxedCost {
    const { grid, leastLevel } = this.#problem;
    let best: RelaxedCost = { costMs: Infinity, late: 0 };
    for (let index = 0; index < this.#states * this.#layers; index += 1) {
      const above = Math.max(0, this.#levelOf(index % this.#layers) - leastLevel);
      const costMs = (this.#costs[index] as number) - above * grid.cellMs;
      if (costMs < best.costMs) best = { costMs, late: this.#counts[index] as number };
    }
    return best;
  }
}

/** States at most between two borders. */
function widest({ least, most }: Disposal): number {
  let states = 1;
  for (let cell = 1; cell < least.length; cell += 1) {
    states = Math.max(states, (most[cell] as number) - (least[cell - 1] as number) + 1);
  }
  return states;
}
