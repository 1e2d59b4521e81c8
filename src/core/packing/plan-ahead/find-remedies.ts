import type { LinearSolver } from '../linear-program.ts';
import { nodeMicrosPerHour, type PricedNode } from './ahead-money.ts';
import { makeFitJudge } from './fit-judge.ts';
import { estimateCounts, findFullDay, type AheadTask } from './plan-ahead.ts';
import { replicaMicrosPerHour } from './ahead-money.ts';
import type { Limits, PlannedService } from './service-need.ts';

/**
 * One change that makes the pool last longer.
 *
 * | kind | change |
 * |---|---|
 * | node | one more node like this one |
 * | floor | `scaling.replicas.min` of the service is what demand needs on the first day that does not fit |
 * | per-replica | one replica of the service sustains a tenth more: more slots, larger batches, a faster model |
 * | nodes-down | no room is kept free for lost nodes |
 */
export type RemedyChange =
  | { readonly kind: 'node'; readonly like: string }
  | { readonly kind: 'floor'; readonly service: string; readonly from: number; readonly to: number }
  | { readonly kind: 'per-replica'; readonly service: string }
  | { readonly kind: 'nodes-down' };

export interface Remedy {
  readonly change: RemedyChange;
  /** Days that it adds by the estimate; those up to the end of the plan where the pool is not full before. */
  readonly daysMore: number;
  /** Whether the pool is full before the end of the plan even so. */
  readonly fullBeforeEnd: boolean;
  /** What it costs in a week, in millionths; below 0 where it saves. Null where it has no price here. */
  readonly microsPerWeek: number | null;
  /** Of a node: the fewest such nodes with which the pool lasts to the end; null beyond 256. */
  readonly toEnd: number | null;
}

const morePerReplica = 1.1;
const nodesAtMost = 256;
const hoursOfWeek = 168;
const dayMs = 86_400_000;

/**
 * Returns the changes that add time by the estimate: first those that cost nothing, the most days first; then those with a
 * price, the most days for the money first; then those whose price is not known. Empty where the pool is not full before the end.
 */
export function findRemedies(task: AheadTask, fullDay: number | null, solver: LinearSolver): readonly Remedy[] {
  if (fullDay === null) return [];
  const lasts = (changed: AheadTask): number | null =>
    findFullDay(changed, makeFitJudge({ ...changed, rows: changed.services.map(({ row }) => row) }, solver));
  const remedy = (change: RemedyChange, changed: AheadTask, microsPerWeek: number | null): Remedy => {
    const day = lasts(changed);
    const daysMore = (day ?? task.days) - fullDay;
    return { change, daysMore, fullBeforeEnd: day !== null, microsPerWeek, toEnd: null };
  };
  const atMs = task.startMs + fullDay * dayMs;
  const nodes = listNodeKinds(task).map((node) => {
    const hour = task.prices === null ? null : nodeMicrosPerHour(node, task.prices, atMs);
    const found = remedy(
      { kind: 'node', like: node.name },
      addNodes(task, node, 1),
      hour === null ? null : hour * hoursOfWeek,
    );
    return { ...found, toEnd: countToEnd((count) => lasts(addNodes(task, node, count)) === null) };
  });
  const others = [
    ...listFloors(task, fullDay).map(({ service, to }) =>
      remedy(
        { kind: 'floor', service: service.row.name, from: service.floor, to },
        changeService(task, service, { floor: to }),
        savedByFloor(task, service, to, atMs),
      ),
    ),
    ...task.services.map((service) =>
      remedy(
        { kind: 'per-replica', service: service.row.name },
        changeService(task, service, { perReplica: scaleLimits(service.perReplica, morePerReplica) }),
        null,
      ),
    ),
    ...(task.nodesDown === 0 ? [] : [remedy({ kind: 'nodes-down' }, { ...task, nodesDown: 0 }, 0)]),
  ];
  return [...nodes, ...others].filter(({ daysMore, toEnd }) => daysMore > 0 || toEnd !== null).sort(compareRemedies);
}

function compareRemedies(a: Remedy, b: Remedy): number {
  const [first, second] = [rankOf(a), rankOf(b)];
  if (first !== second) return first - second;
  if (first !== 1) return b.daysMore - a.daysMore;
  return b.daysMore / (b.microsPerWeek ?? 1) - a.daysMore / (a.microsPerWeek ?? 1);
}

/** 0: costs nothing. 1: has a price. 2: its price is not known. */
const rankOf = ({ microsPerWeek }: Remedy): number => (microsPerWeek === null ? 2 : microsPerWeek > 0 ? 1 : 0);

/** One node of each shape. */
function listNodeKinds({ nodes }: AheadTask): readonly PricedNode[] {
  const kinds = Map.groupBy(nodes, ({ shape, deviceClass }) => JSON.stringify([shape, deviceClass]));
  return [...kinds.values()].flatMap((own) => own.slice(0, 1));
}

const addNodes = (task: AheadTask, node: PricedNode, count: number): AheadTask => ({
  ...task,
  nodes: [...task.nodes, ...Array.from({ length: count }, (_, at) => ({ ...node, name: `${node.name}+${at + 1}` }))],
});

function countToEnd(isEnough: (count: number) => boolean): number | null {
  if (!isEnough(nodesAtMost)) return null;
  let [low, high] = [1, nodesAtMost];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Services whose floor is above what demand needs on that day. */
function listFloors(task: AheadTask, day: number) {
  const without =
    estimateCounts({ ...task, services: task.services.map((each) => ({ ...each, floor: 0 })) })[day] ?? [];
  return task.services.flatMap((service, at) => {
    const to = Math.max(1, without[at] ?? 0);
    return service.floor > to ? [{ service, to }] : [];
  });
}

function savedByFloor(task: AheadTask, { row, floor }: PlannedService, to: number, atMs: number): number | null {
  const hour = task.prices === null ? null : replicaMicrosPerHour(row, task.nodes, task.prices, atMs);
  return hour === null ? 0 : -(floor - to) * hour * hoursOfWeek;
}

const changeService = (task: AheadTask, service: PlannedService, change: Partial<PlannedService>): AheadTask => ({
  ...task,
  services: task.services.map((each) => (each === service ? { ...each, ...change } : each)),
});

const scaleLimits = ({ lower, estimate, upper }: Limits, factor: number): Limits => ({
  lower: lower * factor,
  estimate: estimate * factor,
  upper: upper * factor,
});
