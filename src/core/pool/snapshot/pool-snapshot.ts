import { digestOfSet } from '../../evidence/subjects.ts';
import type { Digest } from '../../units/digest.ts';
import type { Accelerator } from '../../contract/contract.ts';
import { acceleratorClassOf, cpuClassOf, digestOfClass, type DeviceClass } from '../classes/device-class.ts';
import type { NodeFacts } from '../node-facts.ts';

/** The facts of the nodes that a service may land on, dated. Kept in git as `pools/NAME.json` beside the contract. */
export interface PoolSnapshot {
  readonly pool: string;
  readonly takenAtMs: number;
  /** The sources that it was read from, as they were named on the command line. */
  readonly sources: readonly string[];
  readonly nodes: readonly NodeFacts[];
  /** For a pool that is scaled to zero: what would be there. A verdict that rests on one says so. */
  readonly declared: readonly DeclaredClass[];
}

export interface DeclaredClass {
  readonly deviceClass: DeviceClass;
  /** Devices on one node. */
  readonly devicesPerNode: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Every distinct class of the accelerator that a service asks for, by digest, declared ones included. */
export function classesOf(snapshot: PoolSnapshot, accelerator: Accelerator): ReadonlyMap<Digest, DeviceClass> {
  const classes = new Map<Digest, DeviceClass>();
  const digest = rememberDigests();
  // What was read stands in the place of what was declared.
  for (const { deviceClass } of snapshot.declared) {
    if (deviceClass.accelerator === accelerator) classes.set(digest(deviceClass), deviceClass);
  }
  for (const node of snapshot.nodes) {
    for (const deviceClass of classesOfNode(node, accelerator)) classes.set(digest(deviceClass), deviceClass);
  }
  return classes;
}

/** One class per device, in their order; for `cpu` one for the node, or none when its model is not known. */
export function classesOfNode(node: NodeFacts, accelerator: Accelerator): readonly DeviceClass[] {
  if (accelerator === 'nvidia') return (node.devices ?? []).map(acceleratorClassOf);
  const cpu = cpuClassOf(node);
  return cpu === null ? [] : [cpu];
}

/** Eighty thousand devices are of a few classes, and a digest costs many times what a look at equal text costs. */
export function rememberDigests(): (deviceClass: DeviceClass) => Digest {
  const known = new Map<string, Digest>();
  return (deviceClass) => {
    const key = JSON.stringify(deviceClass);
    const digest = known.get(key) ?? digestOfClass(deviceClass);
    known.set(key, digest);
    return digest;
  };
}

/** Digest of the set of classes: names, dates and counts do not move it. */
export const digestOfClasses = (classes: ReadonlyMap<Digest, DeviceClass>): Digest => digestOfSet([...classes.keys()]);
