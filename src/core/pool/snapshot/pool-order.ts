import { canonicalJson } from '../../units/digest.ts';
import type { DeviceFacts, MigInstance, NodeFacts } from '../node-facts.ts';
import type { PoolSnapshot } from './pool-snapshot.ts';

/** The one order in which a snapshot stands, so that the same facts are the same snapshot however they were found. */
export function sortPool(snapshot: PoolSnapshot): PoolSnapshot {
  return {
    ...snapshot,
    sources: [...new Set(snapshot.sources)].sort(byText),
    nodes: [...snapshot.nodes].sort((a, b) => byText(a.name, b.name)).map(sortNode),
    declared: snapshot.declared
      .map((declared) => ({ declared, key: canonicalJson(declared) }))
      .sort((a, b) => byText(a.key, b.key))
      .map(({ declared }) => declared),
  };
}

function sortNode(node: NodeFacts): NodeFacts {
  return node.devices === null ? node : { ...node, devices: [...node.devices].sort(byPlace).map(sortInstances) };
}

function sortInstances(device: DeviceFacts): DeviceFacts {
  const { mig } = device;
  if (mig === null || mig.instances.length < 2) return device;
  return { ...device, mig: { ...mig, instances: [...mig.instances].sort(byPlacement) } };
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By index, then by bus, then by UUID; a device without one of them stands last. */
function byPlace(a: DeviceFacts, b: DeviceFacts): number {
  return (
    (a.index ?? Infinity) - (b.index ?? Infinity) ||
    byText(a.pciBusId ?? '\uffff', b.pciBusId ?? '\uffff') ||
    byText(a.uuid ?? '\uffff', b.uuid ?? '\uffff') ||
    byText(canonicalJson(a), canonicalJson(b))
  );
}

/** Facts that equal boards share come first, so that a UUID decides only between instances that are alike in all else. */
function byPlacement(a: MigInstance, b: MigInstance): number {
  const [{ uuid: uuidOfA, ...factsOfA }, { uuid: uuidOfB, ...factsOfB }] = [a, b];
  return (
    (a.placement?.start ?? Infinity) - (b.placement?.start ?? Infinity) ||
    byText(canonicalJson(factsOfA), canonicalJson(factsOfB)) ||
    byText(uuidOfA ?? '', uuidOfB ?? '')
  );
}
