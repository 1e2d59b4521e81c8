import { listChoices } from '../online/place-replica.ts';
import type { NamedNode, NamedReplicas } from '../named/named-task.ts';
import { acceptsBoard, acceptsModel, makeEmptyRoom, takeRoom, totalDeviceMilli, type Room } from '../room.ts';

/**
 * Returns whether all replicas fit on the nodes when they are placed one after the other, each on the first node with room.
 * False says nothing: another order may place them.
 *
 * Replicas that few nodes accept come first, of these the largest first. They go to the nodes that the fewest rows accept. The
 * time grows with replicas plus nodes times rows: a node without room for a row has none later either.
 */
export function fitsInOrder(nodes: readonly NamedNode[], replicas: readonly NamedReplicas[]): boolean {
  const accepts = ({ shape }: NamedReplicas, node: NamedNode): boolean =>
    acceptsModel(shape, node.shape.model) && acceptsBoard(shape, node.shape.board);
  const byModel = new Map<string, number>();
  const wantedBy = (node: NamedNode): number => {
    const key = `${node.shape.model} ${node.shape.board ?? ''}`;
    const count = byModel.get(key) ?? replicas.filter((row) => accepts(row, node)).length;
    byModel.set(key, count);
    return count;
  };
  const ordered = [...nodes].sort((a, b) => wantedBy(a) - wantedBy(b));
  const rooms: Room[] = ordered.map(({ shape }) => makeEmptyRoom(shape));
  const acceptedBy = new Map(replicas.map((row) => [row, ordered.filter((node) => accepts(row, node)).length]));
  const rows = [...replicas].sort(
    (a, b) =>
      (acceptedBy.get(a) ?? 0) - (acceptedBy.get(b) ?? 0) ||
      totalDeviceMilli(b.shape) - totalDeviceMilli(a.shape) ||
      b.shape.cpuMilli - a.shape.cpuMilli,
  );
  return rows.every((row) => placeRow(row, rooms));
}

function placeRow({ shape, count }: NamedReplicas, rooms: Room[]): boolean {
  let at = 0;
  for (let left = count; left > 0;) {
    const room = rooms[at];
    if (room === undefined) return false;
    const [devices] = listChoices(shape, room);
    if (devices === undefined) {
      at += 1;
      continue;
    }
    rooms[at] = takeRoom(shape, room, devices);
    left -= 1;
  }
  return true;
}
