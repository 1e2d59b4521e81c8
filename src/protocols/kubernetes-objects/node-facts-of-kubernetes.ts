import { cpuOfLabels } from '../../core/pool/cpu-identity.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import { devicesOfLabels, type DevicesFound } from './devices-of-labels.ts';
import { devicesOfSlices, nvidiaDraDriver } from './devices-of-slices.ts';
import { gfdLabelsOf, type GfdLabels } from './gfd-labels.ts';
import { nodeObjectOf, type NodeObject } from './node-object.ts';
import type { KubernetesObjects } from './object-list.ts';
import { resourceSliceOf } from './resource-slice.ts';
import { devicesByNode } from './slice-pools.ts';

export interface KubernetesFacts {
  /** From labels and capacity: one for each Node object. */
  readonly ofLabels: readonly NodeFacts[];
  /** From ResourceSlices: one for each node that a slice of the NVIDIA driver names. */
  readonly ofSlices: readonly NodeFacts[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** @param takenAtMs when the objects were read from the API; null for a file, which does not say. */
export function nodeFactsOfKubernetes(objects: KubernetesObjects, takenAtMs: number | null): KubernetesFacts {
  const slices = objects.slices.flatMap((object) => resourceSliceOf(object) ?? []);
  const ours = slices.filter(({ driver }) => driver === nvidiaDraDriver);
  const byNode = devicesByNode(ours);
  const ofSlices = [...byNode].flatMap(([name, found]) =>
    name === null || (found.devices.length === 0 && found.problems.length === 0)
      ? []
      : [nodeOfSlices(name, devicesOfSlices(found), takenAtMs)],
  );
  return {
    ofLabels: objects.nodes.map((object) => nodeOfLabels(nodeObjectOf(object), takenAtMs)),
    ofSlices,
    notes: [
      ...notesOf(objects, slices.length),
      ...otherDrivers(slices.filter(({ driver }) => driver !== nvidiaDraDriver).map(({ driver }) => driver)),
      ...(byNode.has(null) && (byNode.get(null)?.devices.length ?? 0) > 0
        ? [`${byNode.get(null)?.devices.length} devices of ResourceSlices belong to no single node, and are left out`]
        : []),
    ],
  };
}

function notesOf({ slices, others }: KubernetesObjects, readable: number): readonly string[] {
  return [
    ...(slices.length === readable
      ? []
      : [`${slices.length - readable} ResourceSlices name no driver or pool, and are left out`]),
    ...Object.entries(others).map(([kind, count]) => `${count} objects of kind ${kind} are left out`),
  ];
}

function otherDrivers(drivers: readonly string[]): readonly string[] {
  return [...new Set(drivers)].sort().map((driver) => {
    const count = drivers.filter((one) => one === driver).length;
    return `${count} ResourceSlices of the driver ${driver} are left out: only those of ${nvidiaDraDriver} are read`;
  });
}

const emptyNode = { memoryBytes: null, kernel: null, containerToolkit: null, cpu: null, labels: {}, allocatable: {} };

function nodeOfSlices(name: string, { devices, unknown }: DevicesFound, takenAtMs: number | null): NodeFacts {
  const notTold = 'a ResourceSlice tells of devices only';
  return {
    ...emptyNode,
    name,
    source: 'resource-slice',
    takenAtMs,
    devices,
    unknown: { containerToolkit: notTold, cpu: notTold, kernel: notTold, memoryBytes: notTold, ...unknown },
  };
}

function nodeOfLabels(node: NodeObject, takenAtMs: number | null): NodeFacts {
  const { name, labels, allocatable, architecture, cores, memoryBytes, kernel } = node;
  const gfd = gfdLabelsOf(labels);
  const { devices, unknown } = devicesOfLabels(node, gfd);
  const model = cpuOfLabels(labels);
  return {
    name,
    source: 'node-labels',
    takenAtMs,
    labels,
    allocatable,
    cpu: architecture === null ? null : { architecture, model, cores, features: null },
    memoryBytes,
    kernel,
    containerToolkit: null,
    devices,
    unknown: {
      containerToolkit: 'a Node object does not tell it',
      ...(architecture === null ? { cpu: 'the Node object names no architecture' } : {}),
      'cpu.features': 'a Node object does not tell all of them',
      ...(model === null ? { 'cpu.model': 'no label of node-feature-discovery (cpu-model.*) tells it' } : {}),
      ...vgpuNote(gfd),
      ...unknown,
    },
  };
}

function vgpuNote(gfd: GfdLabels | null): Readonly<Record<string, string>> {
  if (gfd?.vgpu === null || gfd === null) return {};
  const { hostDriver, hostBranch } = gfd.vgpu;
  return { vgpu: `the boards are virtual: the host's driver is ${hostDriver ?? hostBranch ?? 'not told'}` };
}
