import type { LinearSolver } from '../../src/core/packing/linear-program.ts';
import { nanoPerUnit, type NodeClass, type PackingTask } from '../../src/core/packing/packing-task.ts';
import { planPlacement, verifyPlan } from '../../src/core/packing/plan/plan-placement.ts';
import type { NodeShape, ReplicaShape } from '../../src/core/packing/room.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { drawArrivals, type Typed } from './arrivals.ts';

export interface JudgedPlan {
  readonly pods: number;
  readonly devices: number;
  readonly bound: number;
  readonly gapShare: number;
  readonly proven: boolean;
  readonly tookMs: number;
}

/** Returns what a plan of all pods of load 1 reaches, and whether its certificate holds. */
export function judgePlan(
  pods: Typed<ReplicaShape>,
  nodes: readonly NodeShape[],
  nodeClasses: readonly NodeClass[],
  solver: LinearSolver,
  seed: number,
): JudgedPlan {
  const arrivals = drawArrivals(pods, nodes, 1, seededRandom(seed));
  const counts = pods.types.map(() => 0);
  for (const type of arrivals) counts[type] = (counts[type] ?? 0) + 1;
  const replicas = pods.types.map((shape, at) => ({ shape, count: counts[at] ?? 0 }));
  const task: PackingTask = { objective: 'most-accelerators', replicas, nodes: nodeClasses };
  const startedMs = performance.now();
  const plan = planPlacement(task, solver);
  const tookMs = performance.now() - startedMs;
  return {
    pods: arrivals.length,
    devices: Number(plan.valueNano) / nanoPerUnit,
    bound: Number(plan.certificate.boundNano) / nanoPerUnit,
    gapShare: plan.gapShare,
    proven: verifyPlan(task, plan).verdict === 'proven',
    tookMs,
  };
}
