import type { Accelerator } from '../../contract/contract.ts';
import { kindsOf, kindTable, type EvidenceKind, type KindTable } from '../../evidence/kinds/table.ts';
import { dependenciesOf } from '../../evidence/subjects.ts';
import type { Digest } from '../../units/digest.ts';
import { describeClass } from '../classes/device-class.ts';
import { nodeChanges } from './pool-diff-node.ts';
import { classesOf, digestOfClasses, type PoolSnapshot } from './pool-snapshot.ts';

export interface PoolDiff {
  /** The accelerator whose classes decide: `nvidia` where either snapshot has such a device, `cpu` elsewhere. */
  readonly decides: Accelerator;
  readonly digests: Readonly<Record<Accelerator, DigestChange>>;
  readonly classes: readonly ClassChange[];
  readonly nodes: readonly NodeChange[];
  /** Evidence that is stale by this, of services of the accelerator that decides; empty unless its digest moved. */
  readonly stale: readonly StaleKind[];
}

export interface DigestChange {
  readonly from: Digest;
  readonly to: Digest;
  readonly moved: boolean;
}

export interface ClassChange {
  readonly change: 'appeared' | 'went';
  readonly accelerator: Accelerator;
  readonly digest: Digest;
  readonly description: string;
}

export interface NodeChange {
  readonly node: string;
  readonly change: 'appeared' | 'went' | 'changed';
  /** Sentences such as `driver 570.148.08 -> 580.65.06`; for a node that appeared, its devices. */
  readonly what: readonly string[];
}

export interface StaleKind {
  readonly kind: EvidenceKind;
  /** Null: it is of the device classes itself. Else the stale kind that it builds on. */
  readonly through: EvidenceKind | null;
}

/** What changed from one snapshot to another. Names, dates, order and counts move no digest. */
export function diffPools(from: PoolSnapshot, to: PoolSnapshot): PoolDiff {
  const sides = { nvidia: sideOf(from, to, 'nvidia'), cpu: sideOf(from, to, 'cpu') };
  const decides: Accelerator = sides.nvidia.any ? 'nvidia' : 'cpu';
  return {
    decides,
    digests: { nvidia: sides.nvidia.digest, cpu: sides.cpu.digest },
    classes: [...sides.nvidia.classes, ...sides.cpu.classes],
    nodes: changedNodes(from, to),
    stale: sides[decides].digest.moved ? staleByClasses() : [],
  };
}

function sideOf(from: PoolSnapshot, to: PoolSnapshot, accelerator: Accelerator) {
  const [before, after] = [classesOf(from, accelerator), classesOf(to, accelerator)];
  const [was, is] = [digestOfClasses(before), digestOfClasses(after)];
  const changes = (one: typeof before, other: typeof before, change: ClassChange['change']): readonly ClassChange[] =>
    [...one]
      .filter(([digest]) => !other.has(digest))
      .map(([digest, deviceClass]) => ({ change, accelerator, digest, description: describeClass(deviceClass) }))
      .sort((a, b) => (a.description < b.description ? -1 : 1));
  return {
    any: before.size + after.size > 0,
    digest: { from: was, to: is, moved: was !== is },
    classes: [...changes(before, after, 'went'), ...changes(after, before, 'appeared')],
  };
}

function changedNodes(from: PoolSnapshot, to: PoolSnapshot): readonly NodeChange[] {
  const before = new Map(from.nodes.map((node) => [node.name, node]));
  const after = new Map(to.nodes.map((node) => [node.name, node]));
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((node): readonly NodeChange[] => {
    const [was, is] = [before.get(node), after.get(node)];
    const change = was === undefined ? 'appeared' : is === undefined ? 'went' : 'changed';
    const what = nodeChanges(was ?? null, is ?? null);
    return change === 'changed' && what.length === 0 ? [] : [{ node, change, what }];
  });
}

/** By the table of kinds: the kinds that are of device classes, and the kinds that build on those. */
export function staleByClasses(table: KindTable = kindTable): readonly StaleKind[] {
  const kinds = kindsOf(table);
  const direct = kinds.filter((kind) => table[kind].subjects.some(({ subject }) => subject === 'device-classes'));
  const stale = new Map<EvidenceKind, EvidenceKind | null>(direct.map((kind) => [kind, null]));
  for (let grown = true; grown;) {
    grown = false;
    for (const kind of kinds) {
      const through = stale.has(kind) ? undefined : dependenciesOf(kind, table).find((one) => stale.has(one));
      if (through === undefined) continue;
      stale.set(kind, through);
      grown = true;
    }
  }
  return kinds.flatMap((kind) => {
    const through = stale.get(kind);
    return through === undefined ? [] : [{ kind, through }];
  });
}
