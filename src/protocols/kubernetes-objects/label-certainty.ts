import type { GfdLabels } from './gfd-labels.ts';
import type { NodeObject } from './node-object.ts';

/**
 * Whether the labels of a node speak for each of its devices (decision 0031). GPU Feature Discovery labels one product and
 * counts the boards of that product only; the device plugin's capacity counts the boards of all products. So where the two
 * agree there is no other product, and where they do not the labels speak for some devices that nobody can tell apart.
 *
 * | labels | capacity | certainty |
 * |---|---|---|
 * | whole boards, count x replicas = capacity | known | device |
 * | whole boards, count x replicas is another number | known | node |
 * | whole boards | not known, or 0 | node |
 * | MIG, `single` or `mixed`: the product is that of the first instance | any | node |
 * | `-MIG-INVALID` | any | node |
 */
export type LabelCertainty = { readonly certainty: 'device' } | { readonly certainty: 'node'; readonly reason: string };

export function certaintyOfLabels(labels: GfdLabels, node: NodeObject): LabelCertainty {
  const { gpu } = labels;
  if (gpu.invalid) return byNode('GPU Feature Discovery found a MIG layout that its strategy cannot label');
  if (gpu.profile !== null || labels.migs.length > 0 || node.migCapacity > 0) {
    return byNode('labels of MIG instances name the product of the first instance only');
  }
  const { boardCapacity } = node;
  if (gpu.count === null) return byNode('no label counts the boards of the labelled product');
  if (boardCapacity === null || boardCapacity === 0) {
    return byNode('the node has no capacity nvidia.com/gpu to compare with the label nvidia.com/gpu.count');
  }
  const labelled = gpu.count * Math.max(1, gpu.replicas ?? 1);
  if (labelled === boardCapacity) return { certainty: 'device' };
  return byNode(
    `labels count ${gpu.count} of the labelled product${(gpu.replicas ?? 1) > 1 ? ` x ${gpu.replicas} replicas` : ''}, and the capacity is ${boardCapacity}: the node holds other devices too`,
  );
}

const byNode = (reason: string): LabelCertainty => ({ certainty: 'node', reason });
