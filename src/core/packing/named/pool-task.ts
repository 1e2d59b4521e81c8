import type { ServiceDemands } from '../../hardware/compatibility.ts';
import { verifyPool } from '../../hardware/judging/judge-pool.ts';
import type { NodeFacts } from '../../pool/node-facts.ts';
import type { PoolSnapshot } from '../../pool/snapshot/pool-snapshot.ts';
import type { NamedNode, NamedReplicas } from './named-task.ts';

/** What one service wants placed. */
export interface PackedService {
  readonly demands: ServiceDemands;
  readonly replicas: number;
}

/** Nodes of a pool and replicas of services, and what the plan leaves out of account. */
export interface PoolTask {
  readonly nodes: readonly NamedNode[];
  readonly replicas: readonly NamedReplicas[];
  /** One sentence each. */
  readonly notes: readonly string[];
}

const milliPerCore = 1_000;
const bytesPerMib = 1_048_576;

/**
 * Returns what `makeNamedTask` takes, of a pool and of services. A replica accepts the nodes on which the verifier passes
 * its service: an unknown verdict admits no node. The "model" of a node is the list of services that it admits, so that
 * selectors, drivers and kernels count as much as products.
 *
 * | not known | counts as |
 * |---|---|
 * | cores or memory of a node | 0: only services that state none land there |
 * | `hardware.host` of a service | 0, with a note |
 * | devices of a node that is cut into MIG instances | none, with a note |
 *
 * Declared classes are no nodes, and are left out with a note.
 */
export function makePoolTask(services: readonly PackedService[], snapshot: PoolSnapshot): PoolTask {
  const admitted = new Map<string, string[]>();
  const names = services.map(({ demands }) => nameService(demands));
  for (const [at, { demands }] of services.entries()) {
    for (const { node, verdict, cannotLand } of verifyPool(demands, snapshot).nodes) {
      if (verdict === 'pass' && cannotLand !== true)
        admitted.set(node, [...(admitted.get(node) ?? []), names[at] ?? '']);
    }
  }
  const models = new Map(snapshot.nodes.map(({ name }) => [name, (admitted.get(name) ?? []).join(' ')]));
  return {
    nodes: snapshot.nodes.map((node) => ({ name: node.name, shape: shapeOf(node, models.get(node.name) ?? '') })),
    replicas: services.map(({ demands, replicas }) => makeReplicas(demands, replicas, models)),
    notes: [...noteHost(services), ...noteNodes(snapshot)],
  };
}

const nameService = ({ service, environment }: ServiceDemands): string => `${service}/${environment}`;

function makeReplicas(demands: ServiceDemands, count: number, models: ReadonlyMap<string, string>): NamedReplicas {
  const { accelerator, devices, host } = demands.hardware;
  const name = nameService(demands);
  const accepted = [...new Set(models.values())].filter((model) => model.split(' ').includes(name));
  const held = accelerator === 'cpu' ? 0 : devices;
  return {
    name,
    count,
    shape: {
      cpuMilli: Math.ceil((host?.cpus ?? 0) * milliPerCore),
      memoryMib: Math.ceil((host?.memoryBytes ?? 0) / bytesPerMib),
      devices: held,
      deviceMilli: held === 0 ? 0 : 1_000,
      // An empty list would accept every node.
      models: accepted.length === 0 ? ['no node admits it'] : accepted,
    },
  };
}

function shapeOf(node: NodeFacts, model: string): NamedNode['shape'] {
  return {
    cpuMilli: (node.cpu?.cores ?? 0) * milliPerCore,
    memoryMib: Math.floor((node.memoryBytes ?? 0) / bytesPerMib),
    devices: hasInstances(node) ? 0 : (node.devices?.length ?? 0),
    model,
  };
}

const hasInstances = ({ devices }: NodeFacts): boolean => devices?.some(({ mig }) => mig?.enabled === true) ?? false;

function noteHost(services: readonly PackedService[]): readonly string[] {
  const silent = services.filter(({ demands: { hardware } }) => hardware.host?.cpus === undefined);
  if (silent.length === 0) return [];
  const names = silent.map(({ demands }) => demands.service).join(', ');
  return [`CPU of ${names} counts as 0: the contract does not write hardware.host.cpus`];
}

function noteNodes({ nodes, declared }: PoolSnapshot): readonly string[] {
  const cut = nodes.filter(hasInstances).length;
  const unknown = nodes.filter(({ cpu, memoryBytes }) => (cpu?.cores ?? null) === null || memoryBytes === null).length;
  return [
    ...(cut === 0 ? [] : [`nodes with MIG instances, which are not planned: ${cut}`]),
    ...(unknown === 0 ? [] : [`nodes whose cores or memory are not known, and count as 0: ${unknown}`]),
    ...(declared.length === 0 ? [] : [`declared classes, which are no nodes and are left out: ${declared.length}`]),
  ];
}
