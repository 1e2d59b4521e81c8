import type { LinearSolver } from '../../src/core/packing/linear-program.ts';
import { nanoPerUnit, type NodeClass, type PackingTask } from '../../src/core/packing/packing-task.ts';
import { planPlacement, verifyPlan } from '../../src/core/packing/plan/plan-placement.ts';
import type { NodeShape, ReplicaShape } from '../../src/core/packing/room.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { drawArrivals, type Typed } from './arrivals.ts';

export interface JudgedPlan {
  readonly replicas: number;
  readonly devices: number;
  readonly bound: number;
  readonly gapShare: number;
  readonly proven: boolean;
  /** Processor time of the plan without its check: on a machine that others use the clock says little. */
  readonly processorMs: number;
}

/** Returns what a plan reaches, and whether its certificate holds. */
export function judgePlan(task: PackingTask, solver: LinearSolver): JudgedPlan {
  const started = process.cpuUsage();
  const plan = planPlacement(task, solver);
  const { user, system } = process.cpuUsage(started);
  return {
    replicas: task.replicas.reduce((sum, { count }) => sum + count, 0),
    devices: Number(plan.valueNano) / nanoPerUnit,
    bound: Number(plan.certificate.boundNano) / nanoPerUnit,
    gapShare: plan.gapShare ?? Infinity,
    proven: verifyPlan(task, plan).verdict === 'proven',
    processorMs: (user + system) / 1_000,
  };
}

/** Returns the task of placing at once all pods that arrive until load 1. */
export function makeArrivedTask(
  pods: Typed<ReplicaShape>,
  nodes: readonly NodeShape[],
  nodeClasses: readonly NodeClass[],
  seed: number,
): PackingTask {
  const counts = pods.types.map(() => 0);
  for (const type of drawArrivals(pods, nodes, 1, seededRandom(seed))) counts[type] = (counts[type] ?? 0) + 1;
  const replicas = pods.types.map((shape, at) => ({ shape, count: counts[at] ?? 0 }));
  return { objective: 'most-accelerators', replicas, nodes: nodeClasses };
}
