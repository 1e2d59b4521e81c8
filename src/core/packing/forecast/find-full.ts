import type { LinearSolver } from '../linear-program.ts';
import { makeNamedTask, type NamedNode, type NamedReplicas, type NamedTask } from '../named/named-task.ts';
import { nanoPerUnit, type PackingTask } from '../packing-task.ts';
import { planDefaults, planPlacement, verifyPlan, type AllPlaced, type PackingPlan } from '../plan/plan-placement.ts';

/** What is to be placed at one time. */
export interface ForecastStep {
  /** A date, or a number of weeks: shown, and not read. */
  readonly at: string;
  readonly replicas: readonly NamedReplicas[];
}

export interface JudgedStep {
  /** Index of the step. */
  readonly step: number;
  /** `yes`: a plan has them all. `impossible`: the certificate proves that none does. `unknown`: neither. */
  readonly allPlaced: AllPlaced;
}

/** When not all fits any more. Indices of steps; null where there is no such step. */
export interface FullAnswer {
  /** Whether each row has at least as many replicas at each step as at the one before. */
  readonly onlyGrows: boolean;
  /** The first step for which no plan with all replicas was found. */
  readonly firstNotFound: number | null;
  /** The first step for which it is proven that there is none. */
  readonly firstImpossible: number | null;
  /** Steps that were planned, in their order. */
  readonly judged: readonly JudgedStep[];
}

const proofGapShare = 1e-7;

/**
 * Returns when not all replicas fit on the nodes any more, with what is proven apart from what was only not found.
 *
 * Where replicas only grow, few steps are planned: a plan for one step is a plan for all before it, and a proof that one step
 * does not fit is a proof for all after it. So the interval between is halved. Where they also fall, every step is planned.
 */
export function findFull(
  nodes: readonly NamedNode[],
  steps: readonly ForecastStep[],
  solver: LinearSolver,
): FullAnswer {
  const known = new Map<number, AllPlaced>();
  const judge = (step: number): AllPlaced => {
    const before = known.get(step);
    if (before !== undefined) return before;
    const found = planStep(nodes, steps[step]?.replicas ?? [], solver).plan?.allPlaced ?? 'unknown';
    known.set(step, found);
    return found;
  };
  const onlyGrows = steps.every(({ replicas }, at) => at === 0 || grows(steps[at - 1]?.replicas ?? [], replicas));
  const findFirst = (isTrue: (step: number) => boolean): number | null => {
    if (!onlyGrows) return steps.findIndex((_, step) => isTrue(step));
    let [low, high] = [0, steps.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (isTrue(middle)) high = middle;
      else low = middle + 1;
    }
    return low === steps.length ? null : low;
  };
  const toIndex = (step: number | null): number | null => (step === -1 ? null : step);
  const firstNotFound = toIndex(findFirst((step) => judge(step) !== 'yes'));
  const firstImpossible = toIndex(findFirst((step) => judge(step) === 'impossible'));
  const judged = [...known].map(([step, allPlaced]) => ({ step, allPlaced })).sort((a, b) => a.step - b.step);
  return { onlyGrows, firstNotFound, firstImpossible, judged };
}

/** Returns the task of one step in which each replica counts 1, so that the bound is a number of replicas. */
export function makeStepTask(nodes: readonly NamedNode[], replicas: readonly NamedReplicas[]): NamedTask {
  const named = makeNamedTask(
    nodes,
    replicas.filter(({ count }) => count > 0),
    'most-accelerators',
  );
  const task: PackingTask = {
    ...named.task,
    replicas: named.task.replicas.map(({ shape, count }) => ({ shape, count, gainNano: nanoPerUnit })),
  };
  return { ...named, task };
}

/** A plan of one step; null where it does not hold by its own check, and then says nothing. */
export interface PlannedStep {
  readonly named: NamedTask;
  readonly plan: PackingPlan | null;
}

/** Returns the plan of all replicas on the nodes: it has them all, or proves that none does, or neither. */
export function planStep(
  nodes: readonly NamedNode[],
  replicas: readonly NamedReplicas[],
  solver: LinearSolver,
): PlannedStep {
  const named = makeStepTask(nodes, replicas);
  const plan = planPlacement(named.task, solver, { ...planDefaults, gapShare: proofGapShare });
  return { named, plan: verifyPlan(named.task, plan).verdict === 'proven' ? plan : null };
}

function grows(before: readonly NamedReplicas[], after: readonly NamedReplicas[]): boolean {
  const counts = new Map(after.map(({ name, count }) => [name, count]));
  return before.every(({ name, count }) => (counts.get(name) ?? 0) >= count);
}
