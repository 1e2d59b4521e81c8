import { objectAt, textOf, textsOf, type JsonObject } from './json-object.ts';
import { readKubernetesQuantity } from './quantity.ts';

/** What a v1 Node tells of its hardware. */
export interface NodeObject {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Allocatable resources that name an accelerator. */
  readonly allocatable: Readonly<Record<string, number>>;
  /** `nvidia.com/gpu` and `nvidia.com/gpu.shared` together; null when the node has neither. */
  readonly boardCapacity: number | null;
  /** All `nvidia.com/mig-*` together. */
  readonly migCapacity: number;
  readonly architecture: string | null;
  readonly cores: number | null;
  readonly memoryBytes: number | null;
  readonly kernel: string | null;
}

/** The timestamp says when the labels were written, not what the node is, and would move every snapshot. */
const volatileLabels = new Set(['nvidia.com/gfd.timestamp']);

export function nodeObjectOf(object: JsonObject): NodeObject {
  const labels = textsOf(objectAt(object, 'metadata', 'labels'));
  const capacity = objectAt(object, 'status', 'capacity');
  const info = objectAt(object, 'status', 'nodeInfo');
  const quantities = acceleratorsOf(capacity);
  const boards = [quantities['nvidia.com/gpu'], quantities['nvidia.com/gpu.shared']].filter((one) => one !== undefined);
  return {
    name: textOf(objectAt(object, 'metadata')['name']) ?? '',
    labels: Object.fromEntries(Object.entries(labels).filter(([key]) => !volatileLabels.has(key))),
    allocatable: acceleratorsOf(objectAt(object, 'status', 'allocatable')),
    boardCapacity: boards.length === 0 ? null : sum(boards),
    migCapacity: sum(
      Object.entries(quantities).flatMap(([name, count]) => (name.startsWith('nvidia.com/mig-') ? [count] : [])),
    ),
    architecture: architectureOf(textOf(info['architecture']) ?? labels['kubernetes.io/arch'] ?? null),
    cores: readKubernetesQuantity(capacity['cpu']),
    memoryBytes: readKubernetesQuantity(capacity['memory']),
    kernel: textOf(info['kernelVersion']),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** `nvidia.com/gpu`, `nvidia.com/mig-1g.5gb`, `amd.com/gpu`, `gpu.intel.com/i915`. */
function acceleratorsOf(resources: JsonObject): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(resources).flatMap(([name, quantity]) => {
      const count = readKubernetesQuantity(quantity);
      return count !== null && (name.startsWith('nvidia.com/') || /gpu.*\/|\/gpu/.test(name)) ? [[name, count]] : [];
    }),
  );
}

/** As Node.js says it. */
function architectureOf(goarch: string | null): string | null {
  return goarch === 'amd64' ? 'x64' : goarch;
}
