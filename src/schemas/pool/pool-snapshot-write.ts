import type { DeviceFacts, NodeFacts } from '../../core/pool/node-facts.ts';
import { sortPool } from '../../core/pool/snapshot/pool-order.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { digestOf, shortDigest } from '../../core/units/digest.ts';
import { poolSnapshotVersion, type DeviceKind, type NodeKind } from './pool-snapshot-form.ts';

/** A snapshot in the form of its file; every kind is named by what it holds, so that a name moves only with its facts. */
export function packPool(given: PoolSnapshot): Readonly<Record<string, unknown>> {
  const { pool, takenAtMs, sources, nodes, declared } = sortPool(given);
  const cpus = new KindTable<NonNullable<NodeFacts['cpu']>>(({ model, architecture }) => model ?? architecture);
  const deviceKinds = new KindTable<DeviceKind>(({ product }) => product ?? 'device');
  const nodeKinds = new KindTable<NodeKind>(() => 'node');
  const labelSets = new KindTable<{ readonly domain: string; readonly labels: Labels }>(({ domain }) => domain);
  const isShared = sharedLabels(nodes);
  const packNode = (node: NodeFacts): unknown => {
    const { name: _, takenAtMs: nodeTakenAtMs, memoryBytes, devices, cpu, labels, ...shared } = node;
    const own = Object.entries(labels).filter(([key, value]) => !isShared(key, value));
    const others = Object.entries(labels).filter(([key, value]) => isShared(key, value));
    const byDomain = [...Map.groupBy(others, ([key]) => domainOf(key)).entries()];
    return {
      kind: nodeKinds.nameOf({ ...shared, cpu: cpu === null ? null : cpus.nameOf(cpu) }),
      labelSets: byDomain
        .map(([domain, set]) => labelSets.nameOf({ domain, labels: Object.fromEntries(set.sort(byKey)) }))
        .sort(),
      ...(own.length === 0 ? {} : { labels: Object.fromEntries(own) }),
      ...(memoryBytes === null ? {} : { memoryBytes }),
      ...(nodeTakenAtMs === takenAtMs ? {} : { takenAt: nodeTakenAtMs === null ? null : momentText(nodeTakenAtMs) }),
      devices: devices?.map((device) => packDevice(device, deviceKinds)) ?? null,
    };
  };
  const packed = Object.fromEntries(nodes.map((node) => [node.name, packNode(node)]));
  return {
    snapshotVersion: poolSnapshotVersion,
    pool,
    takenAt: momentText(takenAtMs),
    sources,
    declared,
    cpus: cpus.entries(),
    deviceKinds: deviceKinds.entries(),
    labelSets: Object.fromEntries(
      Object.entries(labelSets.entries()).map(([name, { labels }]) => [name, labels] as const),
    ),
    nodeKinds: nodeKinds.entries(),
    nodes: packed,
  };
}

type Labels = NodeFacts['labels'];

/** Labels of one domain come from one program, and are equal on many nodes whatever the others are. */
const domainOf = (key: string): string => (key.includes('/') ? key.slice(0, key.indexOf('/')) : 'plain');
const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);

const momentText = (atMs: number): string => new Date(atMs).toISOString();

function packDevice(device: DeviceFacts, kinds: KindTable<DeviceKind>): unknown {
  const { index, uuid, pciBusId, numaNode, reservedBytes, link, powerLimitWatts, throttleReasons, ...shared } = device;
  const own = { index, uuid, pciBusId, numaNode, reservedBytes, link, powerLimitWatts, throttleReasons };
  const instances = shared.mig?.instances ?? [];
  const mig: DeviceKind['mig'] =
    shared.mig === null
      ? null
      : {
          ...shared.mig,
          instances: instances.map(({ profile, memoryBytes, multiprocessors, placement }) => ({
            profile,
            memoryBytes,
            multiprocessors,
            placement,
          })),
        };
  const uuids = instances.map((instance) => instance.uuid);
  return {
    kind: kinds.nameOf({ ...shared, mig }),
    ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null)),
    ...(uuids.some((one) => one !== null) ? { migUuids: uuids } : {}),
  };
}

/** Distinct values by a readable name with twelve digits of their digest. */
class KindTable<T> {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, T>();
  readonly #label: (value: T) => string;

  constructor(label: (value: T) => string) {
    this.#label = label;
  }

  nameOf(value: T): string {
    // Most values come again and again with their members in the same order: then no digest is computed.
    const key = JSON.stringify(value);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `${slug(this.#label(value))}-${shortDigest(digestOf(value))}`;
    this.#names.set(key, name);
    this.#values.set(name, value);
    return name;
  }

  entries(): Readonly<Record<string, T>> {
    return Object.fromEntries(this.#values);
  }
}

const slug = (label: string): string =>
  label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, '') || 'other';

/** A label that two nodes carry with the same value is shared; one of a single node (its host name) is its own. */
function sharedLabels(nodes: readonly NodeFacts[]): (key: string, value: string) => boolean {
  const seen = new Map<string, number>();
  for (const { labels } of nodes) {
    for (const [key, value] of Object.entries(labels)) {
      const label = `${key}=${value}`;
      seen.set(label, (seen.get(label) ?? 0) + 1);
    }
  }
  return (key, value) => (seen.get(`${key}=${value}`) ?? 0) > 1;
}
