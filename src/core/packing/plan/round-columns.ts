import { keyOfFilling, makeFilling } from '../filling/filling.ts';
import { makeProgram, toLinearColumn, type NodeColumn } from '../columns/generate-columns.ts';
import type { NodeFilling } from '../columns/fill-greedily.ts';
import type { LinearSolver } from '../linear-program.ts';
import type { PackingTask } from '../packing-task.ts';
import type { PlacedNode } from './placement.ts';

export interface RoundingLimits {
  /** Time that the integer program of the rest may take. */
  readonly integerAtMostMs: number;
  readonly gapShare: number;
}

/** How near to a whole number a value of the linear program is taken for one. */
const nearlyWhole = 1e-6;

/**
 * Returns whole nodes for the columns of a linear program: as many as its values have in whole, and what an integer program
 * over the same columns makes of the nodes and replicas that are then left. A basic solution has no more fractional columns
 * than rows, so what is left is small however many nodes there are. Where room is reserved, columns that hold more
 * than is left of a class come with what is left of it too. Elsewhere they only make the program longer.
 */
export function roundColumns(
  task: PackingTask,
  columns: readonly NodeColumn[],
  solver: LinearSolver,
  limits: RoundingLimits,
): readonly PlacedNode[] {
  const whole = columns.map(({ nodes }) => Math.floor(nodes + nearlyWhole));
  const rest = leaveRest(task, columns, whole);
  const program = makeProgram(rest);
  const hasReserve = task.replicas.some(({ reserved }) => reserved === true);
  const candidates = dropEqual(hasReserve ? columns.flatMap((column) => [column, cutToCounts(column, rest)]) : columns);
  const solution = solver.solveInteger(
    {
      ...program,
      columns: [...program.columns, ...candidates.map((each) => toLinearColumn(rest, each.nodeClass, each.filling))],
    },
    { timeAtMostMs: limits.integerAtMostMs, gapShare: limits.gapShare },
  );
  const more = candidates.map((_, at) => solution?.values[program.columns.length + at] ?? 0);
  return [...repeatNodes(columns, whole), ...repeatNodes(candidates, more)];
}

/** Returns the task of what is left once so many nodes hold each column. A count never falls below 0. */
function leaveRest(task: PackingTask, columns: readonly NodeFilling[], nodes: readonly number[]): PackingTask {
  const nodeCounts = task.nodes.map(({ count }) => count);
  const replicaCounts = task.replicas.map(({ count }) => count);
  for (const [at, { nodeClass, filling }] of columns.entries()) {
    nodeCounts[nodeClass] = (nodeCounts[nodeClass] ?? 0) - (nodes[at] ?? 0);
    for (const [index, replica] of filling.classes.entries()) {
      replicaCounts[replica] = (replicaCounts[replica] ?? 0) - (nodes[at] ?? 0) * (filling.counts[index] ?? 0);
    }
  }
  return {
    ...task,
    nodes: task.nodes.map((each, at) => ({ ...each, count: Math.max(0, nodeCounts[at] ?? 0) })),
    replicas: task.replicas.map((each, at) => ({ ...each, count: Math.max(0, replicaCounts[at] ?? 0) })),
  };
}

/** Returns the column without replicas beyond those that are left of their class. */
function cutToCounts({ nodeClass, filling }: NodeFilling, { replicas }: PackingTask): NodeFilling {
  const isWithin = filling.classes.every((at, index) => (filling.counts[index] ?? 0) <= (replicas[at]?.count ?? 0));
  if (isWithin) return { nodeClass, filling };
  const left = new Map(filling.classes.map((at) => [at, replicas[at]?.count ?? 0]));
  const held = filling.held.filter(({ replica }) => {
    const count = left.get(replica) ?? 0;
    left.set(replica, count - 1);
    return count > 0;
  });
  return { nodeClass, filling: makeFilling(held) };
}

function dropEqual(columns: readonly NodeFilling[]): readonly NodeFilling[] {
  const seen = new Set<string>();
  return columns.filter(({ nodeClass, filling }) => {
    const key = `${nodeClass}:${keyOfFilling(filling)}`;
    return filling.classes.length > 0 && !seen.has(key) && seen.add(key).size > 0;
  });
}

function repeatNodes(fillings: readonly NodeFilling[], nodes: readonly number[]): readonly PlacedNode[] {
  return fillings.flatMap(({ nodeClass, filling }, at) =>
    Array.from({ length: Math.max(0, nodes[at] ?? 0) }, () => ({ nodeClass, held: filling.held })),
  );
}
