import { findBoard, findProfile } from '../../core/packing/cuts/board-cuts.ts';
import type { PackingTask } from '../../core/packing/packing-task.ts';
import type { PackingPlacement } from '../../core/packing/plan/placement.ts';

/**
 * Returns why a placement is not possible; null where it is. It adds up what each node holds, and shares no code with what places
 * replicas but the table of boards: an instance is laid out by trying every start.
 */
export function findImpossible(task: PackingTask, { nodes, unplaced }: PackingPlacement): string | null {
  const placed = task.replicas.map(() => 0);
  const used = task.nodes.map(() => 0);
  for (const { nodeClass, held } of nodes) {
    const node = task.nodes[nodeClass]?.shape;
    if (node === undefined) return 'unknown node class';
    used[nodeClass] = (used[nodeClass] ?? 0) + 1;
    let [cpuMilli, memoryMib] = [0, 0];
    const services = new Map<string, number>();
    const shares = Array.from({ length: node.devices }, () => 0);
    const instances = Array.from({ length: node.devices }, (): string[] => []);
    for (const { replica, devices } of held) {
      const shape = task.replicas[replica]?.shape;
      if (shape === undefined) return 'unknown replica class';
      placed[replica] = (placed[replica] ?? 0) + 1;
      cpuMilli += shape.cpuMilli;
      memoryMib += shape.memoryMib;
      if (shape.models.length > 0 && !shape.models.includes(node.model)) return 'device model';
      if (shape.perNode !== undefined) {
        const { service } = shape.perNode;
        services.set(service, (services.get(service) ?? 0) + 1);
      }
      if (devices.length !== shape.devices || new Set(devices).size !== devices.length) return 'number of devices';
      for (const device of devices) {
        if (!(device in shares)) return 'no such device';
        if (shape.profiles === undefined) shares[device] = (shares[device] ?? 0) + shape.deviceMilli;
        else {
          const board = findBoard(node.board ?? '');
          const profile = board === null ? null : findProfile(board, shape.profiles);
          if (profile === null) return 'no such profile';
          instances[device]?.push(profile.profile);
        }
      }
    }
    if (cpuMilli > node.cpuMilli || memoryMib > node.memoryMib) return 'CPU or memory';
    const isOver = task.replicas.some(
      ({ shape: { perNode } }) => perNode !== undefined && (services.get(perNode.service) ?? 0) > perNode.atMost,
    );
    if (isOver) return 'limit per node';
    for (const [device, milli] of shares.entries()) {
      const cut = instances[device] ?? [];
      if (milli > 1_000) return 'more than a device';
      if (milli > 0 && cut.length > 0) return 'a share of a device that is cut';
      if (cut.length > 0 && !canLieBeside(node.board ?? '', cut, 0)) return 'instances';
    }
  }
  if (used.some((count, at) => count > (task.nodes[at]?.count ?? 0))) return 'more nodes than there are';
  const odd = task.replicas.some(({ count }, at) => (placed[at] ?? 0) + (unplaced[at] ?? 0) !== count);
  return odd ? 'replicas do not add up' : null;
}

function canLieBeside(boardName: string, [first, ...others]: readonly string[], taken: number): boolean {
  if (first === undefined) return true;
  const profile = findBoard(boardName)?.profiles.find((each) => each.profile === first);
  if (profile === undefined) return false;
  return profile.starts.some((start) => {
    const bits = ((1 << profile.size) - 1) << start;
    return (taken & bits) === 0 && canLieBeside(boardName, others, taken | bits);
  });
}
