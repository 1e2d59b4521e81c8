import type { NamedNode } from '../named/named-task.ts';
import type { NodeShape } from '../room.ts';

/** Nodes that are lost together, and what is left. */
export interface NodeLoss {
  /** Names of the lost nodes; none where nothing is lost. */
  readonly lost: readonly string[];
  readonly left: readonly NamedNode[];
}

const lossesAtMost = 300;

/**
 * Returns each loss of `down` nodes that can be the worst. Nodes of one shape are alike, so one of them stands for all. A node
 * is left out where another one has at least as much of everything: its loss is no worse. Null for more than 300 losses.
 *
 * Nothing is lost with `down` 0. With fewer nodes than `down` all are lost.
 */
export function listWorstLosses(nodes: readonly NamedNode[], down: number): readonly NodeLoss[] | null {
  const classes = [...Map.groupBy(nodes, ({ shape }) => JSON.stringify(shape)).values()];
  const lost = Math.min(down, nodes.length);
  const worst = classes.filter(
    (own, at) =>
      !classes.some(
        (other, otherAt) => otherAt !== at && isWorse(other, own, lost) && !(at < otherAt && isWorse(own, other, lost)),
      ),
  );
  const chosen: (readonly NamedNode[])[] = [];
  const choose = (from: number, taken: readonly NamedNode[]): boolean => {
    if (taken.length === lost) return chosen.push(taken) <= lossesAtMost;
    for (let at = from; at < worst.length; at += 1) {
      const own = worst[at] ?? [];
      const used = taken.filter((node) => own.includes(node)).length;
      const next = own[used];
      if (next !== undefined && !choose(at, [...taken, next])) return false;
    }
    return true;
  };
  if (!choose(0, [])) return null;
  return chosen.map((taken) => ({
    lost: taken.map(({ name }) => name),
    left: nodes.filter((node) => !taken.includes(node)),
  }));
}

/** Whether the loss of nodes of `other` is at least as bad: larger, and there are enough of them. */
function isWorse(other: readonly NamedNode[], own: readonly NamedNode[], lost: number): boolean {
  const [large, small] = [other[0]?.shape, own[0]?.shape];
  return large !== undefined && small !== undefined && other.length >= lost && covers(large, small);
}

function covers(large: NodeShape, small: NodeShape): boolean {
  return (
    large.model === small.model &&
    large.board === small.board &&
    large.cpuMilli >= small.cpuMilli &&
    large.memoryMib >= small.memoryMib &&
    large.devices >= small.devices
  );
}
