import type { PoolVerdict } from '../compatibility.ts';
import type { NodeFacts } from '../../pool/node-facts.ts';
import type { PoolSnapshot } from '../../pool/snapshot/pool-snapshot.ts';
import { singleOut, type Candidate, type Term } from './single-out.ts';

/** https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity: expressions of a term are ANDed, terms ORed. */
export interface NodeAffinity {
  readonly terms: readonly (readonly LabelExpression[])[];
  /** Nodes that the terms admit. */
  readonly admitted: readonly string[];
  /** Compatible nodes that the terms leave out, and why. */
  readonly left: readonly { readonly node: string; readonly reason: string }[];
}

export interface LabelExpression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn';
  readonly values: readonly string[];
}

/**
 * The terms that admit every node of the verdict on which whichever device a pod gets is compatible, and no node with one
 * that is not, as far as labels can tell. A pod that counts `nvidia.com/gpu` gets whichever is free.
 */
export function makeAffinity(
  verdict: PoolVerdict,
  snapshot: PoolSnapshot,
  selector: Readonly<Record<string, string>>,
): NodeAffinity {
  const facts = new Map(snapshot.nodes.map((node) => [node.name, node]));
  const candidates: Candidate[] = [];
  const mixed: { node: string; reason: string }[] = [];
  for (const { node, verdict: nodeVerdict, devices } of verdict.nodes) {
    const allDo = devices.length > 0 && devices.every((device) => device.verdict === 'pass');
    const admit = allDo && nodeVerdict === 'pass';
    // A node that only has too few devices is no danger: the scheduler counts them.
    if (allDo && !admit) continue;
    candidates.push({ name: node, admit, values: facts.get(node)?.labels ?? {} });
    if (!admit && devices.some((device) => device.verdict === 'pass'))
      mixed.push({ node, reason: mixedReason(devices) });
  }
  const { terms, left } = separate(candidates, [...facts.values()]);
  const leftNames = new Set(left.map(({ name }) => name));
  return {
    terms: terms.map((term) => [...selectorExpressions(selector), ...expressionsOf(term)]),
    admitted: candidates.filter(({ name, admit }) => admit && !leftNames.has(name)).map(({ name }) => name),
    left: [...left.map(({ name, like }) => ({ node: name, reason: leftReason(like) })), ...mixed],
  };
}

/** Labels of what the device is; counts only where they are needed, because a verified device may come in any number. */
function separate(candidates: readonly Candidate[], nodes: readonly NodeFacts[]) {
  const present = new Set(nodes.flatMap(({ labels }) => Object.keys(labels)));
  const keys = classKeys(nodes, present);
  const first = singleOut(candidates, { keys, missing: 'absent' });
  if (first.left.length === 0) return first;
  const leftNames = new Set(first.left.map(({ name }) => name));
  const again = candidates.filter(({ name, admit }) => !admit || leftNames.has(name));
  const counts = [...present].filter((key) => countLabel.test(key)).sort();
  const second = singleOut(again, { keys: [...keys, ...counts], missing: 'absent' });
  return { terms: [...first.terms, ...second.terms], left: second.left };
}

/** Labels of GPU Feature Discovery that say what a device is, and those of the CPU by Node Feature Discovery. */
const classLabel =
  /^(nvidia\.com\/(gpu\.(product|memory|sharing-strategy|compute\.major|compute\.minor|mode)|mig\.(strategy|capable)|mps\.capable|vgpu\.present|mig-[^/]+\.(product|memory|sharing-strategy))|kubernetes\.io\/arch|feature\.node\.kubernetes\.io\/cpu-.+)$/;
const countLabel = /^nvidia\.com\/(gpu\.(count|replicas)|mig-[^/]+\.(count|replicas))$/;

/** Driver and CUDA by the one label that tells it whole, and by the older ones where some node lacks that. */
const versionLabels = [
  {
    full: 'nvidia.com/cuda.driver-version.full',
    parts: ['nvidia.com/cuda.driver.major', 'nvidia.com/cuda.driver.minor', 'nvidia.com/cuda.driver.rev'],
  },
  {
    full: 'nvidia.com/cuda.runtime-version.full',
    parts: ['nvidia.com/cuda.runtime.major', 'nvidia.com/cuda.runtime.minor'],
  },
] as const;

function classKeys(nodes: readonly NodeFacts[], present: ReadonlySet<string>): readonly string[] {
  const versions = versionLabels.flatMap(({ full, parts }) => {
    const everywhere = nodes.every(({ labels }) => labels[full] !== undefined);
    return everywhere ? [full] : [full, ...parts].filter((key) => present.has(key));
  });
  return [...[...present].filter((key) => classLabel.test(key)).sort(), ...versions];
}

const selectorExpressions = (selector: Readonly<Record<string, string>>): readonly LabelExpression[] =>
  Object.entries(selector).map(([key, value]) => ({ key, operator: 'In', values: [value] }));

function expressionsOf(term: Term): readonly LabelExpression[] {
  return Object.entries(term).map(([key, condition]) =>
    'in' in condition
      ? { key, operator: 'In', values: condition.in }
      : { key, operator: 'NotIn', values: condition.notIn },
  );
}

function leftReason(like: string | null): string {
  if (like === null) return 'it has no label that tells its device';
  return `its labels are those of ${like}, which is not compatible`;
}

function mixedReason(devices: PoolVerdict['nodes'][number]['devices']): string {
  const good = devices.filter(({ verdict }) => verdict === 'pass').length;
  return `only ${good} of its ${devices.length} devices are compatible, and a pod gets whichever is free; plimsoll verify --emit dra chooses by device`;
}
