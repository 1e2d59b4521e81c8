import type { DeviceFacts, NodeFacts } from '../../core/pool/node-facts.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import type { DeviceEntry, NodeEntry, PoolFile } from './pool-snapshot-form.ts';

/** A kind that a node or device names, and the file does not hold. */
export class KindMissing extends Error {}

/** The snapshot that a file means. @throws KindMissing */
export function unpackPool(file: PoolFile): PoolSnapshot {
  const takenAtMs = Date.parse(file.takenAt);
  return {
    pool: file.pool,
    takenAtMs,
    sources: file.sources,
    nodes: Object.entries(file.nodes).map(([name, node]) => unpackNode(name, node, file, takenAtMs)),
    declared: file.declared,
  };
}

function unpackNode(name: string, node: NodeEntry, file: PoolFile, takenAtMs: number): NodeFacts {
  const { cpu, ...kind } = pick(file.nodeKinds, node.kind, `nodes.${name}`);
  const at = `nodes.${name}.devices`;
  return {
    ...kind,
    name,
    takenAtMs: node.takenAt === undefined ? takenAtMs : node.takenAt === null ? null : Date.parse(node.takenAt),
    labels: Object.assign({}, ...node.labelSets.map((set) => pick(file.labelSets, set, `nodes.${name}`)), node.labels),
    cpu: cpu === null ? null : pick(file.cpus, cpu, `nodeKinds.${node.kind}`),
    memoryBytes: node.memoryBytes ?? null,
    devices: node.devices?.map((device) => unpackDevice(device, file, at)) ?? null,
  };
}

function unpackDevice(entry: DeviceEntry, file: PoolFile, at: string): DeviceFacts {
  const { mig, ...kind } = pick(file.deviceKinds, entry.kind, at);
  return {
    ...kind,
    index: entry.index ?? null,
    uuid: entry.uuid ?? null,
    pciBusId: entry.pciBusId ?? null,
    numaNode: entry.numaNode ?? null,
    reservedBytes: entry.reservedBytes ?? null,
    link: entry.link ?? null,
    powerLimitWatts: entry.powerLimitWatts ?? null,
    throttleReasons: entry.throttleReasons ?? null,
    mig:
      mig === null
        ? null
        : {
            ...mig,
            instances: mig.instances.map((one, index) => ({ ...one, uuid: entry.migUuids?.[index] ?? null })),
          },
  };
}

function pick<T>(table: Readonly<Record<string, T>>, name: string, at: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found === undefined) throw new KindMissing(`\`${at}\` is of the kind \`${name}\`, which the file does not hold`);
  return found;
}
