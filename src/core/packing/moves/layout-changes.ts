import { findBoard, placeInstances } from '../cuts/board-cuts.ts';
import { addInstances, type HeldInstance } from '../cuts/held-instances.ts';
import type { PackingTask } from '../packing-task.ts';
import type { PresentNode } from './present-placement.ts';

/**
 * A device whose MIG instances change, and what that costs.
 *
 * | `needs` | where |
 * |---|---|
 * | `reset` | the device was not cut and is to be, or the reverse: it is drained, and MIG mode is switched |
 * | `drain` | it stays cut, and an instance that stays has to begin elsewhere: its replica is stopped meanwhile |
 * | `instances` | it stays cut: instances without a replica go, and new ones are made; what stays is not stopped |
 *
 * Where instances begin at present is taken from the plan that was made before, or from the same rule.
 */
export interface LayoutChange {
  readonly node: string;
  readonly device: number;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly needs: 'reset' | 'drain' | 'instances';
}

/** Returns the devices whose instances are others in the plan than at present. Devices that nobody holds are left as they are. */
export function listLayoutChanges(
  task: PackingTask,
  present: readonly PresentNode[],
  planned: readonly PresentNode[],
): readonly LayoutChange[] {
  const byName = new Map(planned.map((node) => [node.node, node]));
  return present.flatMap((node) => {
    const next = byName.get(node.node);
    if (next === undefined) return [];
    const after = listUses(task, next);
    return listUses(task, node).flatMap((use, device): readonly LayoutChange[] => {
      const to = after[device] ?? unused;
      const [from, then] = [use, to].map(({ instances }) => instances.map(({ profile }) => profile));
      if (from === undefined || then === undefined || from.join() === then.join()) return [];
      if (then.length === 0 && !to.isWhole) return [];
      return [
        {
          node: node.node,
          device,
          from,
          to: then,
          needs: judgeChange(task.nodes[node.nodeClass]?.shape.board, use.instances, to.instances),
        },
      ];
    });
  });
}

/** Instances that both have stay where they are; the question is whether the others fit beside them. */
function judgeChange(
  boardName: string | undefined,
  from: readonly HeldInstance[],
  to: readonly HeldInstance[],
): LayoutChange['needs'] {
  if (from.length === 0 || to.length === 0) return 'reset';
  const board = boardName === undefined ? null : findBoard(boardName);
  const added = to.map(({ profile }) => profile);
  const kept = from.filter(({ profile }) => {
    const at = added.indexOf(profile);
    if (at >= 0) added.splice(at, 1);
    return at >= 0;
  });
  return board !== null && placeInstances(board, added, kept) === null ? 'drain' : 'instances';
}

interface DeviceUse {
  /** Sorted by profile. */
  readonly instances: readonly HeldInstance[];
  /** Whether a replica holds it, or a share of it, without MIG. */
  readonly isWhole: boolean;
}

const unused: DeviceUse = { instances: [], isWhole: false };

function listUses(task: PackingTask, { nodeClass, held }: PresentNode): readonly DeviceUse[] {
  const shape = task.nodes[nodeClass]?.shape;
  const withInstances = addInstances(task, nodeClass, held);
  return Array.from({ length: shape?.devices ?? 0 }, (_, device) => {
    const own = withInstances.filter(({ devices }) => devices.includes(device));
    const instances = own.flatMap(({ instance }) => (instance === undefined ? [] : [instance]));
    instances.sort((a, b) => a.profile.localeCompare(b.profile) || a.start - b.start);
    return { instances, isWhole: own.length > instances.length };
  });
}
