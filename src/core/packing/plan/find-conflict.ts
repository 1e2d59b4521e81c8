import { makeCertificate } from '../columns/certificate.ts';
import { generateColumns, type ColumnOptions } from '../columns/generate-columns.ts';
import type { LinearSolver } from '../linear-program.ts';
import { nanoPerUnit, type PackingTask } from '../packing-task.ts';
import type { ReplicaShape } from '../room.ts';
import { planDefaults, planPlacement } from './plan-placement.ts';

/**
 * A limit of all nodes, or the wish that all replicas of one class are placed, or its room is kept free. `per-node` are the
 * limits of services on a node; `devices` are MIG instances too.
 */
export type PackingConstraint =
  | { readonly kind: 'cpu' | 'memory' | 'devices' | 'models' | 'per-node' }
  | { readonly kind: 'replicas'; readonly replica: number };

export interface ConflictMember {
  readonly constraint: PackingConstraint;
  /** Whether a placement of all replicas was found once this one is dropped. Otherwise it is only not proven impossible. */
  readonly shown: boolean;
}

export type ConflictVerdict =
  | { readonly verdict: 'conflict'; readonly members: readonly ConflictMember[] }
  /** It is not proven that something cannot be placed. */
  | { readonly verdict: 'unknown' };

/** A proof of a conflict needs the bound below a whole number of replicas, so the gap is small here. */
const proofOptions: ColumnOptions = { gapShare: 1e-7, roundsAtMost: 200, labelsAtMost: 100 };

/**
 * Returns constraints that together cannot be satisfied, of which none can be left out; `unknown` where the bound of
 * placed replicas does not prove that some cannot be placed.
 *
 * The search halves the list of constraints again and again (QuickXplain, Junker 2004), so that k members among n constraints
 * need about k * log2(n / k) proofs. A dropped limit asks for none of that resource; a dropped class asks for no replica.
 */
export function findConflict(task: PackingTask, solver: LinearSolver): ConflictVerdict {
  const isImpossible = (kept: readonly PackingConstraint[]): boolean => proveImpossible(relax(task, kept), solver);
  const all = listConstraints(task);
  if (!isImpossible(all)) return { verdict: 'unknown' };
  const members = narrow([], false, all, isImpossible).map((constraint) => {
    const rest = all.filter((each) => each !== constraint);
    const { allPlaced } = planPlacement(relax(task, rest), solver, { ...planDefaults, ...proofOptions });
    return { constraint, shown: allPlaced === 'yes' };
  });
  return { verdict: 'conflict', members };
}

function listConstraints(task: PackingTask): readonly PackingConstraint[] {
  const limits = (['per-node', 'models', 'memory', 'cpu', 'devices'] as const).map((kind) => ({ kind }));
  const wishes = task.replicas.map((_, replica) => ({ kind: 'replicas' as const, replica }));
  return [...limits, ...wishes];
}

/** Returns the members of a conflict among `candidates`, given that `kept` and all of them are impossible together. */
function narrow(
  kept: readonly PackingConstraint[],
  hasGrown: boolean,
  candidates: readonly PackingConstraint[],
  isImpossible: (constraints: readonly PackingConstraint[]) => boolean,
): readonly PackingConstraint[] {
  if (hasGrown && isImpossible(kept)) return [];
  if (candidates.length === 1) return candidates;
  const half = Math.ceil(candidates.length / 2);
  const [first, second] = [candidates.slice(0, half), candidates.slice(half)];
  const inSecond = narrow([...kept, ...first], true, second, isImpossible);
  const inFirst = narrow([...kept, ...inSecond], inSecond.length > 0, first, isImpossible);
  return [...inFirst, ...inSecond];
}

/** Returns the task under these constraints alone. Each replica counts one, so that the bound is a number of replicas. */
function relax(task: PackingTask, kept: readonly PackingConstraint[]): PackingTask {
  const limits = new Set(kept.map(({ kind }) => kind));
  const wanted = new Set(kept.flatMap((each) => (each.kind === 'replicas' ? [each.replica] : [])));
  const replicas = task.replicas.flatMap(({ shape, count }, at) => {
    const relaxed: ReplicaShape = {
      cpuMilli: limits.has('cpu') ? shape.cpuMilli : 0,
      memoryMib: limits.has('memory') ? shape.memoryMib : 0,
      devices: limits.has('devices') ? shape.devices : 0,
      deviceMilli: limits.has('devices') ? shape.deviceMilli : 0,
      models: limits.has('models') ? shape.models : [],
      atMost: count,
      ...(limits.has('devices') && shape.profiles !== undefined ? { profiles: shape.profiles } : {}),
      ...(limits.has('per-node') && shape.perNode !== undefined ? { perNode: shape.perNode } : {}),
    };
    return wanted.has(at) && !fitsAnywhere(relaxed, task) ? [{ shape: relaxed, count, gainNano: nanoPerUnit }] : [];
  });
  return { objective: 'most-accelerators', replicas, nodes: task.nodes };
}

/** Whether the replica needs nothing that runs out, on a node that there is. */
function fitsAnywhere(
  { cpuMilli, memoryMib, devices, models, perNode }: ReplicaShape,
  { nodes }: PackingTask,
): boolean {
  const accepted = nodes.some(({ shape, count }) => count > 0 && (models.length === 0 || models.includes(shape.model)));
  return accepted && cpuMilli === 0 && memoryMib === 0 && devices === 0 && perNode === undefined;
}

function proveImpossible(task: PackingTask, solver: LinearSolver): boolean {
  const wanted = task.replicas.reduce((sum, { count }) => sum + count, 0);
  if (wanted === 0) return false;
  const { pricesNano, labels } = generateColumns(task, solver, proofOptions);
  const { boundNano } = makeCertificate(task, pricesNano, labels);
  return boundNano < BigInt(wanted) * BigInt(nanoPerUnit);
}
