import type { PackingCertificate } from '../columns/certificate.ts';
import { fillNode } from '../filling/fill-node.ts';
import { listGains, listWorths, nodeCostNano, type PackingTask } from '../packing-task.ts';
import { totalDeviceMilli, type NodeShape, type PerNodeLimit, type ReplicaShape } from '../room.ts';
import type { PackingPlacement } from './placement.ts';

/**
 * One change of what is given, or of one rule.
 *
 * | kind | means |
 * |---|---|
 * | node | one more node of the class |
 * | device, cpu, memory | one more device, core or GiB on one node of the class |
 * | per-node | one more replica of the service may be on each node |
 * | models | the replicas accept every device model |
 * | reserved | room for one replica less is kept free |
 */
export type ConstraintChange =
  | { readonly kind: 'node' | 'device' | 'cpu' | 'memory'; readonly nodeClass: number }
  | { readonly kind: 'per-node' | 'models' | 'reserved'; readonly replica: number };

/** A change, and the most that it gives: devices more, or nodes less. In nano. */
export interface ConstraintPrice {
  readonly change: ConstraintChange;
  readonly atMostNano: bigint;
}

const milliPerCore = 1_000;
const mibPerGib = 1_024;
/** Rules of so many classes are priced: of those that hold the most devices, unplaced ones first. */
const rulesPriced = 12;

/**
 * Returns what each change gives at most, by the prices of the certificate; the most first, and none that gives nothing.
 *
 * At the same prices the bound of the changed task is a bound too. It differs in the best fillings of the nodes that change:
 *
 *     at most = sum over changed nodes of (best filling after - bound of a filling before)
 *
 * So a plan with the change can be better than the bound of the plan by no more than that. It may be better by less.
 */
export function priceConstraints(
  task: PackingTask,
  certificate: PackingCertificate,
  { unplaced }: PackingPlacement,
): readonly ConstraintPrice[] {
  const worths = listWorths(task, certificate.pricesNano);
  const types = task.replicas.map(({ shape }) => shape);
  const above = (nano: number): number => Math.max(0, nano - nodeCostNano(task));
  const before = certificate.nodes.map(({ fillingBoundNano }) => above(fillingBoundNano));
  const fill = (shape: NodeShape, of: readonly ReplicaShape[] = types): number =>
    above(fillNode(shape, of, worths, certificate.labelsAtMost).boundNano);
  const ofNodes = task.nodes.flatMap(({ shape, count }, nodeClass) => {
    if (count === 0) return [];
    const gain = (changed: NodeShape): bigint => BigInt(fill(changed) - (before[nodeClass] ?? 0));
    const more = { ...shape, cpuMilli: shape.cpuMilli + milliPerCore };
    return [
      { change: { kind: 'node' as const, nodeClass }, atMostNano: worthOfNode(task, before[nodeClass] ?? 0) },
      ...(shape.devices === 0
        ? []
        : [
            {
              change: { kind: 'device' as const, nodeClass },
              atMostNano: gain({ ...shape, devices: shape.devices + 1 }),
            },
          ]),
      { change: { kind: 'cpu' as const, nodeClass }, atMostNano: gain(more) },
      {
        change: { kind: 'memory' as const, nodeClass },
        atMostNano: gain({ ...shape, memoryMib: shape.memoryMib + mibPerGib }),
      },
    ];
  });
  const relax = (wider: readonly ReplicaShape[]): bigint =>
    task.nodes.reduce((sum, node, at) => {
      const after = fill(node.shape, wider);
      return sum + BigInt(node.count) * BigInt(Math.max(0, after - (before[at] ?? 0)));
    }, 0n);
  const ofRules = chooseRuled(task, unplaced).flatMap((replica, place, ruled): readonly ConstraintPrice[] => {
    const shape = types[replica];
    const { perNode } = shape ?? {};
    if (shape === undefined) return [];
    const isFirst = ruled.findIndex((at) => types[at]?.perNode?.service === perNode?.service) === place;
    return [
      ...(perNode === undefined || !isFirst
        ? []
        : [{ change: { kind: 'per-node' as const, replica }, atMostNano: relax(widenLimit(types, perNode)) }]),
      ...(shape.models.length === 0
        ? []
        : [
            {
              change: { kind: 'models' as const, replica },
              atMostNano: relax(types.with(replica, { ...shape, models: [] })),
            },
          ]),
    ];
  });
  return [...ofNodes, ...ofRules, ...priceReserved(task, certificate)]
    .filter(({ atMostNano }) => atMostNano > 0n)
    .sort((a, b) => Number(b.atMostNano - a.atMostNano));
}

/** Every class of the service may have one replica more on a node. */
function widenLimit(types: readonly ReplicaShape[], { service, atMost }: PerNodeLimit): readonly ReplicaShape[] {
  return types.map((type) =>
    type.perNode?.service === service ? { ...type, perNode: { service, atMost: atMost + 1 } } : type,
  );
}

/** With `fewest-nodes` one more unused node changes nothing. */
function worthOfNode({ objective }: PackingTask, aboveNano: number): bigint {
  return objective === 'fewest-nodes' ? 0n : BigInt(aboveNano);
}

function priceReserved(task: PackingTask, { pricesNano }: PackingCertificate): readonly ConstraintPrice[] {
  const gains = listGains(task);
  const sign = task.objective === 'fewest-nodes' ? -1 : 1;
  return task.replicas.flatMap(({ reserved, count }, replica) => {
    if (reserved !== true || count === 0) return [];
    const atMost = sign * ((gains[replica] ?? 0) - (pricesNano[replica] ?? 0));
    return [{ change: { kind: 'reserved' as const, replica }, atMostNano: BigInt(atMost) }];
  });
}

function chooseRuled(task: PackingTask, unplaced: readonly number[]): readonly number[] {
  const size = (at: number, count: number): number => count * totalDeviceMilli(task.replicas[at]?.shape ?? noReplica);
  const ruled = task.replicas.flatMap(({ shape, reserved }, at) =>
    reserved !== true && (shape.perNode !== undefined || shape.models.length > 0) ? [at] : [],
  );
  const countOf = (at: number): number => task.replicas[at]?.count ?? 0;
  return ruled
    .sort((a, b) => size(b, unplaced[b] ?? 0) - size(a, unplaced[a] ?? 0) || size(b, countOf(b)) - size(a, countOf(a)))
    .slice(0, rulesPriced);
}

const noReplica: ReplicaShape = { cpuMilli: 0, memoryMib: 0, devices: 0, deviceMilli: 0, models: [] };
