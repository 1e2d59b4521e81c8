import { canonicalJson } from '../../units/digest.ts';
import { PlimsollError } from '../../units/errors.ts';
import { mergeDevices } from './pool-merge-devices.ts';
import type { FactsSource, NodeFacts } from '../node-facts.ts';

/** Facts of one node as one source tells them. */
export interface SourcedFacts {
  /** As it was named on the command line. */
  readonly source: string;
  readonly facts: NodeFacts;
}

export interface MergedNodes {
  readonly nodes: readonly NodeFacts[];
  /** What people should know about how they were put together. */
  readonly notes: readonly string[];
}

/** Who is asked first. What tells of each device stands before labels of the node, whatever the order of the files. */
const rank: Readonly<Record<FactsSource, number>> = {
  nvml: 5,
  'nvidia-smi': 4,
  'resource-slice': 3,
  proc: 2,
  'node-labels': 1,
  declared: 0,
};

/**
 * One set of facts per node from all of its sources: devices of the source that tells most of each device, with what the
 * others add; labels and allocatable resources of the Node object.
 * @throws PlimsollError `pool-node-twice` (input) where two sources of one kind tell different facts of one node.
 */
export function mergeNodes(found: readonly SourcedFacts[]): MergedNodes {
  const notes: string[] = [];
  const nodes = [...Map.groupBy(found, ({ facts }) => facts.name).entries()].map(([, ofNode]) =>
    mergeNode(onePerKind(ofNode, notes)),
  );
  return { nodes, notes: [...notes, ...sharedDevices(nodes)] };
}

/** Of two sources of one kind the newer one, where both say when. */
function onePerKind(found: readonly SourcedFacts[], notes: string[]): readonly NodeFacts[] {
  const kinds = Map.groupBy(found, ({ facts }) => facts.source).values();
  return [...kinds]
    .map((same) => same.reduce((kept, next) => (sameFacts(kept, next) ? kept : newerOf(kept, next, notes))).facts)
    .sort((a, b) => rank[b.source] - rank[a.source]);
}

const sameFacts = (a: SourcedFacts, b: SourcedFacts): boolean =>
  canonicalJson({ ...a.facts, takenAtMs: 0 }) === canonicalJson({ ...b.facts, takenAtMs: 0 });

function newerOf(a: SourcedFacts, b: SourcedFacts, notes: string[]): SourcedFacts {
  const [atMsOfA, atMsOfB] = [a.facts.takenAtMs, b.facts.takenAtMs];
  if (atMsOfA === null || atMsOfB === null || atMsOfA === atMsOfB) throw twice(a, b);
  const [newer, older] = atMsOfA > atMsOfB ? [a, b] : [b, a];
  notes.push(`${newer.facts.name}: ${newer.source} is newer than ${older.source}, which is left out`);
  return newer;
}

function twice(a: SourcedFacts, b: SourcedFacts): PlimsollError {
  const where = a.source === b.source ? `twice in ${a.source}` : `in ${a.source} and in ${b.source}`;
  return new PlimsollError({
    code: 'pool-node-twice',
    category: 'input',
    message: `the node ${a.facts.name} is ${where}, with different facts, and nothing says which of them are newer`,
    next: 'name the source with the newer facts only; a file of nvidia-smi is named after its node',
    details: { node: a.facts.name, sources: [a.source, b.source] },
  });
}

/** @param found one of a kind, the one that is asked first in front. */
function mergeNode(found: readonly NodeFacts[]): NodeFacts {
  const [first] = found;
  if (first === undefined) throw new RangeError('a node without facts');
  const labels = found.find(({ source }) => source === 'node-labels') ?? first;
  const { devices, of, unlisted, unknown } = mergeDevices(found);
  const merged = {
    name: first.name,
    source: of,
    takenAtMs: oldest(found),
    labels: labels.labels,
    allocatable: labels.allocatable,
    cpu: mergeCpu(found),
    memoryBytes: firstOf(found, 'memoryBytes'),
    kernel: firstOf(found, 'kernel'),
    containerToolkit: firstOf(found, 'containerToolkit'),
    devices,
    ...(unlisted === undefined ? {} : { unlisted }),
  };
  return { ...merged, unknown: { ...stillUnknown(found, merged), ...unknown } };
}

const firstOf = <K extends keyof NodeFacts>(found: readonly NodeFacts[], key: K): NodeFacts[K] | null =>
  found.map((facts) => facts[key]).find((value) => value !== null) ?? null;

/** Facts are as old as the oldest of them; not known when one is not. */
function oldest(found: readonly NodeFacts[]): number | null {
  const times = found.map(({ takenAtMs }) => takenAtMs);
  return times.includes(null) ? null : Math.min(...times.map((time) => time ?? 0));
}

function mergeCpu(found: readonly NodeFacts[]): NodeFacts['cpu'] {
  const told = found.flatMap(({ cpu }) => cpu ?? []);
  const [first] = told;
  if (first === undefined) return null;
  const labelled = found.find(({ source }) => source === 'node-labels')?.cpu?.model;
  return {
    architecture: first.architecture,
    // Whoever may list nodes reads the same of labels, the control plane of the cluster as well.
    model: labelled ?? told.find(({ model }) => model !== null)?.model ?? null,
    cores: told.find(({ cores }) => cores !== null)?.cores ?? null,
    features: told.find(({ features }) => features !== null)?.features ?? null,
  };
}

/** Reasons of the facts that no source told; those of devices come with the devices. */
function stillUnknown(
  found: readonly NodeFacts[],
  merged: Omit<NodeFacts, 'unknown'>,
): Readonly<Record<string, string>> {
  const told = (field: string): boolean => {
    if (field === 'devices' || field === 'mig') return true;
    if (field.startsWith('cpu.')) {
      return merged.cpu === null || merged.cpu[field.slice('cpu.'.length) as keyof typeof merged.cpu] !== null;
    }
    const value: unknown = merged[field as keyof typeof merged];
    return value !== null && value !== undefined;
  };
  const reasons = found.flatMap(({ unknown }) => Object.entries(unknown)).filter(([field]) => !told(field));
  return Object.fromEntries(reasons.reverse());
}

/** Captures that are handed on have their UUIDs blanked. */
const blanked = /^GPU-(?:0{7}|x{4})/i;

/** A board is in one node: the same UUID under two names is one node that two sources name differently. */
function sharedDevices(nodes: readonly NodeFacts[]): readonly string[] {
  const nodeOf = new Map<string, string>();
  const pairs = new Set<string>();
  for (const { name, devices } of nodes) {
    for (const { uuid } of devices ?? []) {
      if (uuid === null || blanked.test(uuid)) continue;
      const other = nodeOf.get(uuid);
      if (other !== undefined && other !== name)
        pairs.add(`${other} and ${name} hold the same board, so that they are`);
      nodeOf.set(uuid, name);
    }
  }
  return [...pairs].map((pair) => `${pair} one node under two names: name the files after the node`);
}
