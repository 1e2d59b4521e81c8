import type { Accelerator } from '../../core/contract/contract.ts';
import { describeClass, type DeviceClass } from '../../core/pool/classes/device-class.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import {
  classesOf,
  classesOfNode,
  digestOfClasses,
  rememberDigests,
  type PoolSnapshot,
} from '../../core/pool/snapshot/pool-snapshot.ts';
import type { Digest } from '../../core/units/digest.ts';

export interface ClassSummary {
  readonly digest: Digest;
  readonly accelerator: Accelerator;
  readonly description: string;
  /** `device`, `node` or `declared`; null for a CPU. */
  readonly certainty: string | null;
  readonly devices: number;
  readonly nodes: number;
  readonly deviceClass: DeviceClass;
}

export interface PoolSummary {
  /** Accelerators first, then the CPUs, those of most devices first. */
  readonly classes: readonly ClassSummary[];
  readonly digests: Readonly<Record<Accelerator, Digest>>;
}

/** Every class with how many there are. */
export function summarizePool(snapshot: PoolSnapshot): PoolSummary {
  const nvidia = classesOf(snapshot, 'nvidia');
  const cpu = classesOf(snapshot, 'cpu');
  return {
    classes: [...summariesOf(snapshot, 'nvidia', nvidia), ...summariesOf(snapshot, 'cpu', cpu)],
    digests: { nvidia: digestOfClasses(nvidia), cpu: digestOfClasses(cpu) },
  };
}

function summariesOf(
  snapshot: PoolSnapshot,
  accelerator: Accelerator,
  classes: ReadonlyMap<Digest, DeviceClass>,
): readonly ClassSummary[] {
  const digestOf = rememberDigests();
  const counts = new Map<Digest, { devices: number; nodes: number }>();
  for (const node of snapshot.nodes) {
    const digests = classesOfNode(node, accelerator).map(digestOf);
    for (const digest of digests) countOf(counts, digest).devices += 1;
    for (const digest of new Set(digests)) countOf(counts, digest).nodes += 1;
  }
  return [...classes]
    .map(([digest, deviceClass]) => ({
      digest,
      accelerator,
      description: describeClass(deviceClass),
      certainty: deviceClass.accelerator === 'cpu' ? null : deviceClass.certainty,
      ...(counts.get(digest) ?? { devices: 0, nodes: 0 }),
      deviceClass,
    }))
    .sort((a, b) => b.devices - a.devices || (a.description < b.description ? -1 : 1));
}

function countOf(counts: Map<Digest, { devices: number; nodes: number }>, digest: Digest) {
  const count = counts.get(digest) ?? { devices: 0, nodes: 0 };
  counts.set(digest, count);
  return count;
}

export interface UnknownSummary {
  /** `kernel`, or `device eccEnabled` for a fact of devices. */
  readonly fact: string;
  readonly reason: string;
  readonly nodes: number;
}

/** What is not known and why, each reason once, those of most nodes first. */
export function unknownSummaries(nodes: readonly NodeFacts[]): readonly UnknownSummary[] {
  const counts = new Map<string, UnknownSummary & { nodes: number }>();
  for (const node of nodes) {
    const reasons = new Map<string, readonly [string, string]>();
    const add = (fact: string, reason: string): void => void reasons.set(`${fact}\n${reason}`, [fact, reason]);
    for (const [fact, reason] of Object.entries(node.unknown)) add(fact, reason);
    for (const unknown of new Set(node.devices?.map((device) => device.unknown) ?? [])) {
      for (const [fact, reason] of Object.entries(unknown)) add(`device ${fact}`, reason);
    }
    for (const [key, [fact, reason]] of reasons) {
      const count = counts.get(key) ?? { fact, reason, nodes: 0 };
      counts.set(key, { ...count, nodes: count.nodes + 1 });
    }
  }
  return [...counts.values()].sort((a, b) => b.nodes - a.nodes || (a.fact < b.fact ? -1 : 1));
}
