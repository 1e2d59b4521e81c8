import { fillNode } from '../filling/fill-node.ts';
import { keyOfFilling, sumFilling, type Filling } from '../filling/filling.ts';
import type { GrowingProgram, LinearColumn, LinearProgram, LinearSolution, LinearSolver } from '../linear-program.ts';
import { listGains, listWorths, nanoPerUnit, nodeCostNano, type PackingTask } from '../packing-task.ts';
import { fillGreedily, type NodeFilling } from './fill-greedily.ts';

/** A filling of one class of nodes, and how many of its nodes hold it in the linear program; not whole. */
export interface NodeColumn extends NodeFilling {
  readonly nodes: number;
}

export interface ColumnOptions {
  /** The search ends once bound and value differ by at most this share of the bound. */
  readonly gapShare: number;
  readonly roundsAtMost: number;
  /** Labels of one pricing, to begin with; see `fillNode`. There are more where the search ends with a gap. */
  readonly labelsAtMost: number;
}

export interface GeneratedColumns {
  readonly columns: readonly NodeColumn[];
  /** Value of the linear program over these columns, in devices or nodes. */
  readonly value: number;
  /** Prices of replica classes in whole nano at which the bound was best. */
  readonly pricesNano: readonly number[];
  /** No packing is better, in devices or nodes, up to rounding. `makeCertificate` makes the exact bound. */
  readonly bound: number;
  /** Replicas that the linear program leaves unplaced, where all have to be placed; 0 with `most-accelerators`. */
  readonly unplaced: number;
  readonly rounds: number;
  /** Labels of the last pricing. */
  readonly labels: number;
}

/** Where no column is found though a gap is left, labels become this many times as many, up to the most. */
const moreLabels = 4;
const mostLabels = 1_000;

/** Prices are asked between the best ones and those of the linear program (Wentges 1997), so that they swing less. */
const smoothing = 0.6;
/**
 * What an unplaced replica costs in nodes, where all have to be placed. A small cost keeps prices near to each other, and the
 * search short; the larger one is taken where the small one leaves replicas unplaced.
 */
const unplacedCosts = [2, 50] as const;

/**
 * Solves the linear relaxation of a packing over all fillings of nodes, which are generated as they are needed.
 *
 * A column is one filling of one class of nodes. The program chooses how many nodes hold each filling; its duals price the
 * replicas; `fillNode` finds the fillings that are worth the most at these prices, and they become columns. At any prices p
 *
 *     bound = sum of p * replicas + sum over classes of nodes * (best filling at gain - p)
 *
 * is an upper bound of every packing (Lagrangian relaxation; Farley 1990), so the search may end early.
 */
export function generateColumns(task: PackingTask, solver: LinearSolver, options: ColumnOptions): GeneratedColumns {
  const [small, large] = unplacedCosts;
  const found = searchColumns(task, solver, options, small);
  return found.unplaced > nearlyNone ? searchColumns(task, solver, options, large) : found;
}

const nearlyNone = 1e-6;

function searchColumns(
  task: PackingTask,
  solver: LinearSolver,
  options: ColumnOptions,
  unplacedCost: number,
): GeneratedColumns {
  const program = solver.open(makeProgram(task, unplacedCost));
  try {
    return new ColumnSearch(task, program, options).run();
  } finally {
    program.close();
  }
}

/** One search: what is known of columns, prices and bound. */
class ColumnSearch {
  readonly #task: PackingTask;
  readonly #program: GrowingProgram;
  readonly #options: ColumnOptions;
  readonly #sign: number;
  readonly #columns: NodeFilling[] = [];
  readonly #seen = new Set<string>();
  #prices: readonly number[] | null = null;
  #bound: number;
  #labels: number;

  constructor(task: PackingTask, program: GrowingProgram, options: ColumnOptions) {
    [this.#task, this.#program, this.#options] = [task, program, options];
    this.#sign = task.objective === 'most-accelerators' ? 1 : -1;
    this.#bound = this.#sign * Infinity;
    this.#labels = options.labelsAtMost;
  }

  run(): GeneratedColumns {
    this.#addFresh(fillGreedily(this.#task, this.#options.labelsAtMost));
    for (let round = 1; ; round += 1) {
      const solution = this.#program.solve();
      if (solution === null) throw new Error('a program of columns always has a solution');
      let added = this.#askPrices(solution);
      while (added === 0 && this.#hasGap(solution) && this.#labels < mostLabels) {
        this.#labels *= moreLabels;
        added = this.#askPrices(solution);
      }
      if (added > 0 && this.#hasGap(solution) && round < this.#options.roundsAtMost) continue;
      return this.#toResult(solution, round);
    }
  }

  /** Prices nodes between the best prices and the duals, and at the duals where that gives no column. Returns columns added. */
  #askPrices(solution: LinearSolution): number {
    const duals = toPrices(this.#task, solution.duals);
    for (const share of this.#prices === null ? [0] : [smoothing, 0]) {
      const prices = duals.map((dual, at) => Math.round(share * (this.#prices?.[at] ?? 0) + (1 - share) * dual));
      const priced = priceNodes(this.#task, prices, this.#labels);
      if (this.#prices === null || this.#sign * (this.#bound - priced.bound) > 0) {
        [this.#prices, this.#bound] = [prices, priced.bound];
      }
      const added = this.#addFresh(priced.fillings);
      if (added > 0 || !this.#hasGap(solution)) return added;
    }
    return 0;
  }

  #hasGap({ objective }: LinearSolution): boolean {
    return Math.abs(this.#bound - objective) > this.#options.gapShare * Math.abs(this.#bound);
  }

  #addFresh(fillings: readonly NodeFilling[]): number {
    const fresh = fillings.filter(({ nodeClass, filling }) => {
      const key = `${nodeClass}:${keyOfFilling(filling)}`;
      if (this.#seen.has(key) || filling.classes.length === 0) return false;
      this.#seen.add(key);
      return true;
    });
    this.#program.addColumns(fresh.map(({ nodeClass, filling }) => toLinearColumn(this.#task, nodeClass, filling)));
    this.#columns.push(...fresh);
    return fresh.length;
  }

  #toResult({ values, objective }: LinearSolution, rounds: number): GeneratedColumns {
    const slack = this.#task.objective === 'fewest-nodes' ? this.#task.replicas.length : 0;
    return {
      columns: this.#columns.map((column, at) => ({ ...column, nodes: values[slack + at] ?? 0 })),
      value: objective,
      pricesNano: this.#prices ?? [],
      bound: this.#bound,
      unplaced: values.slice(0, slack).reduce((sum, value) => sum + value, 0),
      rounds,
      labels: this.#labels,
    };
  }
}

/** Returns the best fillings of each class of nodes at these prices, and the bound of all packings. */
function priceNodes(task: PackingTask, pricesNano: readonly number[], labelsAtMost: number) {
  const worths = listWorths(task, pricesNano);
  const types = task.replicas.map(({ shape }) => shape);
  const sign = task.objective === 'most-accelerators' ? 1 : -1;
  let boundNano = task.replicas.reduce((sum, { count }, at) => sum + count * (pricesNano[at] ?? 0), 0);
  const fillings = task.nodes.flatMap(({ shape, count }, nodeClass): readonly NodeFilling[] => {
    const found = fillNode(shape, types, worths, labelsAtMost);
    boundNano += sign * count * Math.max(0, found.boundNano - nodeCostNano(task));
    return [found.filling, ...found.others].map((filling) => ({ nodeClass, filling }));
  });
  return { fillings, bound: boundNano / nanoPerUnit };
}

/** Returns the program without columns of fillings. Its rows are the classes of nodes, then the classes of replicas. */
export function makeProgram(task: PackingTask, unplacedCost: number = unplacedCosts[1]): LinearProgram {
  const nodeRows = task.nodes.map(({ count }) => ({ atLeast: -Infinity, atMost: count }));
  if (task.objective === 'most-accelerators') {
    const rows = [...nodeRows, ...task.replicas.map(({ count }) => ({ atLeast: -Infinity, atMost: count }))];
    return { goal: 'maximise', rows, columns: [] };
  }
  const rows = [...nodeRows, ...task.replicas.map(({ count }) => ({ atLeast: count, atMost: Infinity }))];
  const columns = task.replicas.map((_, at) => ({
    objective: unplacedCost,
    atMost: Infinity,
    rows: [task.nodes.length + at],
    values: [1],
  }));
  return { goal: 'minimise', rows, columns };
}

/** Returns the column of a filling in the program of `makeProgram`. */
export function toLinearColumn(task: PackingTask, nodeClass: number, filling: Filling): LinearColumn {
  const gainNano = sumFilling(filling, listGains(task));
  return {
    objective: (gainNano + nodeCostNano(task)) / nanoPerUnit,
    atMost: Infinity,
    rows: [nodeClass, ...filling.classes.map((replica) => task.nodes.length + replica)],
    values: [1, ...filling.counts],
  };
}

function toPrices({ nodes, replicas }: PackingTask, duals: readonly number[]): readonly number[] {
  return replicas.map((_, at) => Math.max(0, (duals[nodes.length + at] ?? 0) * nanoPerUnit));
}
