import { makeCertificate, verifyCertificate, type PackingCertificate } from '../columns/certificate.ts';
import { generateColumns, type ColumnOptions } from '../columns/generate-columns.ts';
import type { LinearSolver } from '../linear-program.ts';
import { listReachedGains, nanoPerUnit, shareLimits, type PackingTask } from '../packing-task.ts';
import { completePlacement } from './complete-placement.ts';
import { findPlacementFault, valueOfPlacement, type PackingPlacement } from './placement.ts';
import { roundColumns, type RoundingLimits } from './round-columns.ts';

/** A placement of replicas with the proof of how far it can be from the best. */
export interface PackingPlan {
  readonly placement: PackingPlacement;
  readonly certificate: PackingCertificate;
  /** What the placement reaches, in whole nano of a device or of a node. */
  readonly valueNano: bigint;
  /**
   * Distance from the value to the bound, as a share of the bound; 0 where the placement is proven best. Null with
   * `fewest-nodes` where replicas are unplaced, since fewer nodes are then no merit, and where reserved room is not all kept.
   */
  readonly gapShare: number | null;
  readonly allPlaced: AllPlaced;
}

/**
 * Whether all replicas are placed.
 *
 * | answer       | where                                                                                        |
 * | ------------ | -------------------------------------------------------------------------------------------- |
 * | `yes`        | the placement has them all                                                                   |
 * | `impossible` | the bound is less than all replicas add up to, or more nodes than there are (`fewest-nodes`) |
 * | `unknown`    | neither: a better search may place them.                               |
 */
export type AllPlaced = 'yes' | 'impossible' | 'unknown';

export interface PlanOptions extends ColumnOptions, RoundingLimits {}

/** Settings that plan 10,000 replicas in seconds; the gap is what they reach. */
export const planDefaults: PlanOptions = {
  gapShare: 0.001,
  roundsAtMost: 60,
  labelsAtMost: 60,
  integerAtMostMs: 5_000,
};

/**
 * Returns a placement of all replicas at once and its certificate.
 *
 * 1. The linear relaxation over fillings of nodes is solved by generating columns.
 * 2. Its columns are rounded to whole nodes, and an integer program places what is left.
 * 3. Replicas that are still left go where room is.
 * 4. The bound is computed again in whole numbers at the prices of the relaxation.
 */
export function planPlacement(
  asked: PackingTask,
  solver: LinearSolver,
  options: PlanOptions = planDefaults,
): PackingPlan {
  const task = { ...asked, replicas: shareLimits(asked.replicas) };
  const generated = generateColumns(task, solver, options);
  const rounded = roundColumns(task, generated.columns, solver, options);
  const placement = completePlacement(task, rounded, generated.pricesNano);
  const certificate = makeCertificate(task, generated.pricesNano, generated.labels);
  const valueNano = valueOfPlacement(task, placement);
  const { boundNano } = certificate;
  return {
    placement,
    certificate,
    valueNano,
    gapShare: findGapShare(task, placement, boundNano),
    allPlaced: judgeAllPlaced(task, placement, boundNano),
  };
}

export type PlanVerdict = { readonly verdict: 'proven' } | { readonly verdict: 'refused'; readonly reason: string };

/** Returns whether the plan holds for the task: placement, value, bound and gap, all computed again without a solver. */
export function verifyPlan(asked: PackingTask, plan: PackingPlan): PlanVerdict {
  const task = { ...asked, replicas: shareLimits(asked.replicas) };
  const fault = findPlacementFault(task, plan.placement);
  if (fault !== null) return { verdict: 'refused', reason: fault };
  const valueNano = valueOfPlacement(task, plan.placement);
  if (valueNano !== plan.valueNano) {
    return { verdict: 'refused', reason: `the value is ${valueNano} nano and not ${plan.valueNano}` };
  }
  const proof = verifyCertificate(task, plan.certificate);
  if (proof.verdict === 'refused') return proof;
  const gapShare = findGapShare(task, plan.placement, plan.certificate.boundNano);
  if (gapShare !== plan.gapShare) {
    return { verdict: 'refused', reason: `the gap is ${String(gapShare)} and not ${String(plan.gapShare)}` };
  }
  const allPlaced = judgeAllPlaced(task, plan.placement, plan.certificate.boundNano);
  return allPlaced === plan.allPlaced
    ? proof
    : { verdict: 'refused', reason: `whether all are placed is "${allPlaced}" and not "${plan.allPlaced}"` };
}

function judgeAllPlaced(task: PackingTask, { unplaced }: PackingPlacement, boundNano: bigint): AllPlaced {
  if (unplaced.every((count) => count === 0)) return 'yes';
  if (task.objective === 'fewest-nodes') {
    const nodes = task.nodes.reduce((sum, { count }) => sum + count, 0);
    return boundNano > BigInt(nodes) * BigInt(nanoPerUnit) ? 'impossible' : 'unknown';
  }
  const gains = listReachedGains(task);
  const all = task.replicas.reduce((sum, { count }, at) => sum + BigInt(count) * BigInt(gains[at] ?? 0), 0n);
  return boundNano < all ? 'impossible' : 'unknown';
}

/** The fewest nodes are a whole number, so their bound is one too. */
function findGapShare(task: PackingTask, placement: PackingPlacement, boundNano: bigint): number | null {
  const fewest = task.objective === 'fewest-nodes';
  const isShort = ({ reserved }: PackingTask['replicas'][number], at: number): boolean =>
    (fewest || reserved === true) && (placement.unplaced[at] ?? 0) > 0;
  if (task.replicas.some(isShort)) return null;
  const unit = BigInt(nanoPerUnit);
  const bound = fewest ? ((boundNano + unit - 1n) / unit) * unit : boundNano;
  const value = valueOfPlacement(task, placement);
  const distance = fewest ? value - bound : bound - value;
  return bound > 0n ? Number(distance) / Number(bound) : 0;
}
