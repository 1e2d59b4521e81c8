import type { MigBoard } from '../../core/hardware/tables/mig-profiles.ts';
import type { PlannedInstance, SlicePlan } from '../../core/packing/slices/slice-plan.ts';
import { countProfiles, describeCounts } from './profile-counts.ts';

/** A node with GPUs that a plan may divide. */
export interface PlanNode {
  readonly name: string;
  /** The product as the driver names it: `NVIDIA A100-SXM4-80GB`. */
  readonly product: string;
  /** Numbers of its GPUs, as nvidia-smi counts them. All are of the board that the plan was made for. */
  readonly gpus: readonly number[];
}

export interface PlacedGpu {
  readonly index: number;
  readonly instances: readonly PlannedInstance[];
}

/** A node with the GPUs that the plan divides. Its other GPUs are left as they are. */
export interface PlacedNode {
  readonly name: string;
  readonly product: string;
  readonly gpus: readonly PlacedGpu[];
}

/** A plan on named GPUs of named nodes. */
export interface PlacedPlan {
  readonly board: MigBoard;
  /** Nodes with a GPU of the plan. */
  readonly nodes: readonly PlacedNode[];
}

export type PlaceProblem =
  | { readonly kind: 'too-few-gpus'; readonly needed: number; readonly given: number }
  | { readonly kind: 'duplicate-gpu'; readonly node: string; readonly gpu: number }
  | { readonly kind: 'duplicate-node'; readonly node: string }
  | { readonly kind: 'bad-gpu'; readonly node: string; readonly gpu: number }
  | { readonly kind: 'bad-service'; readonly service: string };

export type PlaceAnswer =
  | { readonly answer: 'placed'; readonly placed: PlacedPlan }
  | { readonly answer: 'not-possible'; readonly problems: readonly PlaceProblem[] };

/**
 * Returns the plan on the GPUs of the nodes, or the problems. GPUs with the same instances are placed side by side, so that
 * few nodes differ. Nodes are filled in their order.
 *
 * | problem | when |
 * |---|---|
 * | `too-few-gpus` | the plan has more GPUs than the nodes |
 * | `duplicate-node`, `duplicate-gpu` | a node, or a GPU of a node, is given twice |
 * | `bad-gpu` | the number of a GPU is not a whole number from 0 |
 * | `bad-service` | an id is not a DNS label of at most 40 characters; Kubernetes objects are named by it |
 *
 * @param board the board that the plan was made for
 */
export function placePlan(plan: SlicePlan, board: MigBoard, nodes: readonly PlanNode[]): PlaceAnswer {
  const gpus = plan.gpus
    .map(({ instances }) => instances)
    .filter((instances) => instances.length > 0)
    .map((instances) => ({ instances, key: describeCounts(countProfiles(instances, board)) }))
    // A stable order: equal layouts side by side, the largest instances first.
    .sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0));
  const problems = [...findNodeProblems(nodes), ...findServiceProblems(plan)];
  const given = nodes.reduce((sum, node) => sum + node.gpus.length, 0);
  if (given < gpus.length) problems.push({ kind: 'too-few-gpus', needed: gpus.length, given });
  if (problems.length > 0) return { answer: 'not-possible', problems };
  let next = 0;
  const placed = nodes.map(({ name, product, gpus: own }): PlacedNode => {
    const first = next;
    const divided = [...own].sort((a, b) => a - b).slice(0, gpus.length - first);
    next += divided.length;
    return {
      name,
      product,
      gpus: divided.map((index, at) => ({ index, instances: gpus[first + at]?.instances ?? [] })),
    };
  });
  return { answer: 'placed', placed: { board, nodes: placed.filter((node) => node.gpus.length > 0) } };
}

function findNodeProblems(nodes: readonly PlanNode[]): PlaceProblem[] {
  return nodes.flatMap(({ name: node, gpus }, at): readonly PlaceProblem[] => [
    ...(nodes.findIndex(({ name }) => name === node) === at ? [] : [{ kind: 'duplicate-node' as const, node }]),
    ...gpus.flatMap((gpu, index): readonly PlaceProblem[] => {
      if (!Number.isSafeInteger(gpu) || gpu < 0) return [{ kind: 'bad-gpu', node, gpu }];
      return gpus.indexOf(gpu) === index ? [] : [{ kind: 'duplicate-gpu', node, gpu }];
    }),
  ]);
}

const servicePattern = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

function findServiceProblems({ gpus }: SlicePlan): readonly PlaceProblem[] {
  const services = new Set(gpus.flatMap(({ instances }) => instances.map(({ service }) => service)));
  return [...services]
    .filter((service) => !servicePattern.test(service))
    .map((service) => ({ kind: 'bad-service', service }));
}

/** One sentence about a problem, for people. */
export function describePlaceProblem(problem: PlaceProblem): string {
  switch (problem.kind) {
    case 'too-few-gpus':
      return `The plan needs ${problem.needed} GPUs. The nodes have ${problem.given}.`;
    case 'duplicate-node':
      return `Two nodes are named ${problem.node}.`;
    case 'duplicate-gpu':
      return `${problem.node}: GPU ${problem.gpu} is given twice.`;
    case 'bad-gpu':
      return `${problem.node}: ${problem.gpu} is not the number of a GPU. Numbers are whole and begin at 0.`;
    case 'bad-service':
      return `${problem.service} cannot name a Kubernetes object. Use at most 40 lowercase letters, digits and dashes, with a letter first.`;
  }
}
