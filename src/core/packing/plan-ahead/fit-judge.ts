import { planStep } from '../forecast/find-full.ts';
import type { LinearSolver } from '../linear-program.ts';
import type { NamedNode, NamedReplicas } from '../named/named-task.ts';
import type { AllPlaced } from '../plan/plan-placement.ts';
import { totalDeviceMilli, wholeDeviceMilli } from '../room.ts';
import type { Counts } from './first-unfit.ts';
import { isCutOff, readFitCut, type FitCut } from './fit-cut.ts';
import { listWorstLosses, type NodeLoss } from './node-losses.ts';
import { fitsInOrder } from './place-in-order.ts';

/** Judges whether numbers of replicas fit, whichever nodes are lost. Remembers what it judged. */
export interface FitJudge {
  /**
   * Returns `yes` where a plan was found for each loss, `impossible` where it is proven for one loss that there is none, else
   * `unknown`. With `mayPlan` false only what is known or told by simple sums and orders counts.
   */
  judge(counts: Counts, mayPlan?: boolean): AllPlaced;
  /** Losses without a plan; with the answer for each. */
  listBinding(counts: Counts): readonly { readonly lost: readonly string[]; readonly allPlaced: AllPlaced }[];
  /** Placements that were planned so far. */
  planned(): number;
}

export interface FitTask {
  readonly nodes: readonly NamedNode[];
  /** One row for each service, in the order of the counts. */
  readonly rows: readonly NamedReplicas[];
  /** Replicas and reserved room that do not change. */
  readonly fixed: readonly NamedReplicas[];
  readonly nodesDown: number;
}

/**
 * Returns a judge of numbers of replicas. All replicas may move after a loss. What fits, fits with fewer replicas too, and what
 * cannot fit, cannot with more: such counts are answered without a plan.
 * Where there are too many ways to lose nodes (`listWorstLosses`) each answer is `unknown`.
 */
export function makeFitJudge({ nodes, rows, fixed, nodesDown }: FitTask, solver: LinearSolver): FitJudge {
  const losses = listWorstLosses(nodes, nodesDown);
  if (losses === null) return { judge: () => 'unknown', listBinding: () => [], planned: () => 0 };
  const known = new Map<string, 'unknown'>();
  const fitting: Counts[] = [];
  const impossible: Counts[] = [];
  const cuts = new Map<NodeLoss, readonly FitCut[]>();
  let planned = 0;
  let order = losses;
  const judgeLoss = (loss: NodeLoss, counts: Counts, mayPlan: boolean): AllPlaced => {
    const replicas = [...fixed, ...rows.map((row, at) => ({ ...row, count: counts[at] ?? 0 }))];
    const own = cuts.get(loss) ?? [];
    if (own.some((cut) => isCutOff(cut, replicas))) return 'impossible';
    const quick = judgeQuickly(loss.left, replicas);
    if (quick !== null || !mayPlan) return quick ?? 'unknown';
    planned += 1;
    const { named, plan } = planStep(loss.left, replicas, solver);
    if (plan === null) return 'unknown';
    if (plan.allPlaced !== 'yes') cuts.set(loss, [...own, readFitCut(named, plan.certificate)]);
    return plan.allPlaced;
  };
  const judgeAll = (counts: Counts, mayPlan: boolean): AllPlaced => {
    let worst: AllPlaced = 'yes';
    for (const loss of order) {
      const found = judgeLoss(loss, counts, mayPlan);
      if (found === 'yes') continue;
      worst = found;
      // The loss that bound last will most often bind next.
      order = [loss, ...order.filter((other) => other !== loss)];
      // Without plans more is not found out.
      if (found === 'impossible' || !mayPlan) break;
    }
    return worst;
  };
  return {
    judge(counts, mayPlan = true) {
      if (fitting.some((more) => isWithin(counts, more))) return 'yes';
      if (impossible.some((fewer) => isWithin(fewer, counts))) return 'impossible';
      const key = counts.join();
      const before = known.get(key);
      if (before !== undefined) return before;
      const found = judgeAll(counts, mayPlan);
      if (found === 'yes') fitting.push(counts);
      else if (found === 'impossible') impossible.push(counts);
      else if (mayPlan) known.set(key, found);
      return found;
    },
    listBinding: (counts) =>
      losses.flatMap((loss) => {
        const allPlaced = judgeLoss(loss, counts, true);
        return allPlaced === 'yes' ? [] : [{ lost: loss.lost, allPlaced }];
      }),
    planned: () => planned,
  };
}

/** Answers without a linear program: more is asked for than there is in total, or replicas fit one after the other; else null. */
function judgeQuickly(nodes: readonly NamedNode[], replicas: readonly NamedReplicas[]): AllPlaced | null {
  const [has, asks] = [sumNodes(nodes), sumReplicas(replicas)];
  if (asks.some((amount, at) => amount > (has[at] ?? 0))) return 'impossible';
  if (fitsInOrder(nodes, replicas)) return 'yes';
  return areAlike(replicas) ? 'impossible' : null;
}

/** Replicas of one row that take whole devices or none: a node that is filled with them holds as many as it can. */
function areAlike(replicas: readonly NamedReplicas[]): boolean {
  const [only, ...others] = replicas.filter(({ count }) => count > 0);
  if (only === undefined || others.length > 0 || only.shape.profiles !== undefined) return false;
  return only.shape.deviceMilli === 0 || only.shape.deviceMilli === wholeDeviceMilli;
}

/** Devices, CPU and host memory of all nodes. */
function sumNodes(nodes: readonly NamedNode[]): readonly number[] {
  const sum = (of: (shape: NamedNode['shape']) => number): number =>
    nodes.reduce((all, { shape }) => all + of(shape), 0);
  return [
    sum(({ devices }) => devices * wholeDeviceMilli),
    sum(({ cpuMilli }) => cpuMilli),
    sum(({ memoryMib }) => memoryMib),
  ];
}

/** The same that all replicas ask for. MIG instances are counted by their board, and not here. */
function sumReplicas(replicas: readonly NamedReplicas[]): readonly number[] {
  const sum = (of: (shape: NamedReplicas['shape']) => number): number =>
    replicas.reduce((all, { shape, count }) => all + count * of(shape), 0);
  return [
    sum((shape) => (shape.profiles === undefined ? totalDeviceMilli(shape) : 0)),
    sum(({ cpuMilli }) => cpuMilli),
    sum(({ memoryMib }) => memoryMib),
  ];
}

const isWithin = (fewer: Counts, more: Counts): boolean => fewer.every((count, at) => count <= (more[at] ?? 0));
