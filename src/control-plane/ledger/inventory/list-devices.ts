import type { DeviceAppeared, DeviceLayout } from '../../../core/cost/ledger/fact.ts';
import { coresSlot } from '../../../core/cost/ledger/devices/device-slots.ts';
import { cpuClassOf } from '../../../core/pool/classes/device-class.ts';
import type { DeviceFacts, NodeFacts } from '../../../core/pool/node-facts.ts';

/** A node with what of it is accounted. */
export interface PooledNode {
  readonly pool: string;
  readonly node: NodeFacts;
  /** Whether a service of the pool computes on cores. */
  readonly countsCores: boolean;
}

export type ListedDevice = Omit<DeviceAppeared, 'kind' | 'id' | 'at'>;

export interface ListedNodes {
  /** Nodes that were seen. */
  readonly nodes: ReadonlySet<string>;
  /** Nodes that were seen and do not tell their accelerators: those that are recorded stay. */
  readonly silent: ReadonlySet<string>;
  readonly devices: readonly ListedDevice[];
}

/** Name of the device that the cores of a node are. */
export const coresOf = (node: string): string => `${node}/${coresSlot}`;

/**
 * Returns the devices of the nodes of all pools, each once: a node that two pools name belongs to the first of them by name.
 *
 * | a node has | it is accounted as |
 * |---|---|
 * | accelerators | one device each, by UUID; without one by its place in the list |
 * | cores, and a service of its pool computes on cores | one device `NODE/cores` with all of its cores |
 */
export function listDevices(pooled: readonly PooledNode[]): ListedNodes {
  const inOrder = [...pooled].sort((a, b) => (a.pool < b.pool ? -1 : a.pool > b.pool ? 1 : 0));
  const first = new Map<string, PooledNode>();
  for (const each of inOrder) {
    const before = first.get(each.node.name);
    if (before === undefined) first.set(each.node.name, each);
    else if (before.pool === each.pool && each.countsCores) first.set(each.node.name, { ...before, countsCores: true });
  }
  const all = [...first.values()];
  return {
    nodes: new Set(first.keys()),
    silent: new Set(all.filter(({ node }) => node.devices === null).map(({ node }) => node.name)),
    devices: all.flatMap(listNode),
  };
}

function listNode({ pool, node, countsCores }: PooledNode): readonly ListedDevice[] {
  const accelerators = (node.devices ?? []).map((device, index) => listAccelerator(pool, node.name, device, index));
  const cores = node.cpu?.cores ?? null;
  if (!countsCores || cores === null || cores < 1) return accelerators;
  const cpu = cpuClassOf(node);
  const listed: ListedDevice = {
    ...{ device: coresOf(node.name), pool, node: node.name, place: null, pciDeviceId: null },
    deviceClass: cpu === null ? 'cpu' : cpu.model,
    layout: { kind: 'cores', cores: Math.floor(cores) },
  };
  return [...accelerators, listed];
}

function listAccelerator(pool: string, node: string, device: DeviceFacts, index: number): ListedDevice {
  const { uuid, product, pciBusId, pciDeviceId } = device;
  return {
    ...{ device: uuid ?? `${node}/${device.index ?? index}`, pool, node, place: pciBusId, pciDeviceId },
    deviceClass: product ?? 'unknown',
    layout: layoutOf(device),
  };
}

/** An instance whose place is not told has none: the ledger then calls the layout unknown. */
function layoutOf({ mig, sharing, replicas }: DeviceFacts): DeviceLayout {
  if (mig?.enabled === true) {
    const instances = mig.instances.map(({ uuid, profile, placement }, index) => ({
      slot: uuid ?? String(index),
      profile: profile ?? 'unknown',
      start: placement?.start ?? -1,
    }));
    return { kind: 'mig', instances };
  }
  const isShared = sharing === 'mps' || sharing === 'time-slicing';
  return isShared && replicas !== undefined ? { kind: 'shared', sharing, shares: replicas } : { kind: 'whole' };
}
