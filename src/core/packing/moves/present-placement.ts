import type { NamedPlacement, NamedTask } from '../named/named-task.ts';
import { roomLeft } from '../plan/placement.ts';

/** A replica where it is now, or where it goes. */
export interface PlacedReplica {
  readonly name: string;
  /** Index of its class in the task. */
  readonly replica: number;
  readonly devices: readonly number[];
}

/** One node by its name and class, with what it holds. */
export interface PresentNode {
  readonly node: string;
  readonly nodeClass: number;
  readonly held: readonly PlacedReplica[];
}

export type ReadPresent =
  | { readonly answer: 'present'; readonly nodes: readonly PresentNode[] }
  | { readonly answer: 'refused'; readonly reason: string };

/**
 * Returns every node of the task with what it holds at present. There may be more replicas of a name than the task asks for:
 * they are to stop. A node or a replica that the task does not have, or replicas that do not fit, are refused.
 */
export function readPresent(named: NamedTask, placed: readonly NamedPlacement[]): ReadPresent {
  const classOf = new Map(named.replicas.flatMap((members, at) => members.map(({ name }) => [name, at] as const)));
  const heldOf = new Map<string, PlacedReplica[]>();
  const names = new Set(named.nodes.flat());
  for (const { node, held } of placed) {
    if (!names.has(node)) return { answer: 'refused', reason: `there is no node ${node}` };
    const own = heldOf.get(node) ?? [];
    for (const { replica: name, devices } of held) {
      const replica = classOf.get(name);
      if (replica === undefined) return { answer: 'refused', reason: `there is no replica ${name}` };
      own.push({ name, replica, devices });
    }
    heldOf.set(node, own);
  }
  const nodes: PresentNode[] = [];
  for (const [nodeClass, own] of named.nodes.entries()) {
    for (const node of own) {
      const held = heldOf.get(node) ?? [];
      try {
        roomLeft(named.task, { nodeClass, held });
      } catch (error) {
        if (error instanceof RangeError) return { answer: 'refused', reason: `${node}: ${error.message}` };
        throw error;
      }
      nodes.push({ node, nodeClass, held });
    }
  }
  return { answer: 'present', nodes };
}
