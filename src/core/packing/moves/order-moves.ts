import { fitsOn, type Room } from '../room.ts';
import type { PackingTask } from '../packing-task.ts';
import { roomLeft } from '../plan/placement.ts';
import type { ReplicaChange, ReplicaPlace } from './match-present.ts';
import type { PlacedReplica, PresentNode } from './present-placement.ts';

/**
 * One step on the way to a plan. Every step is possible once those before it are done.
 *
 * | step | means |
 * |---|---|
 * | stop | a replica stops that the plan does not have |
 * | move | a replica starts in its new place, takes over, and then stops in the old one |
 * | drain | a replica stops before its new place is free; a later `start` brings it back |
 * | start | a replica starts that is new, or was drained |
 */
export interface MoveStep {
  readonly kind: 'stop' | 'move' | 'drain' | 'start';
  readonly name: string;
  readonly from: ReplicaPlace | null;
  readonly to: ReplicaPlace | null;
}

interface Pending extends ReplicaChange {
  /** Whether it was stopped before its place was free. */
  readonly drained: boolean;
}

/**
 * Returns the changes as steps of which each is possible when its turn comes. A replica is drained only where no other change
 * is possible: changes then wait for each other in a ring. The first of those whose end makes room for another one is taken.
 */
export function orderMoves(
  task: PackingTask,
  present: readonly PresentNode[],
  changes: readonly ReplicaChange[],
): readonly MoveStep[] {
  const nodes = new Map(present.map((node) => [node.node, new MovingNode(task, node)]));
  const steps: MoveStep[] = [];
  const leave = ({ name, from, replica }: ReplicaChange): void => {
    if (from !== null) nodes.get(from.node)?.remove({ name, replica, devices: from.devices });
  };
  for (const change of changes.filter(({ to }) => to === null)) {
    leave(change);
    steps.push({ kind: 'stop', name: change.name, from: change.from, to: null });
  }
  let pending: readonly Pending[] = changes
    .filter(({ to }) => to !== null)
    .map((each) => ({ ...each, drained: false }));
  while (pending.length > 0) {
    const waiting: Pending[] = [];
    for (const change of pending) {
      const { name, replica, from, to, drained } = change;
      const target = to === null ? undefined : nodes.get(to.node);
      if (to === null || target?.add({ name, replica, devices: to.devices }) !== true) {
        waiting.push(change);
        continue;
      }
      const isMove = from !== null && !drained;
      if (isMove) leave(change);
      steps.push({ kind: isMove ? 'move' : 'start', name, from: isMove ? from : null, to });
    }
    if (waiting.length === pending.length) {
      const at = chooseDrained(waiting, nodes);
      const drained = waiting[at];
      if (drained === undefined) throw new RangeError('the plan does not fit on its nodes');
      leave(drained);
      steps.push({ kind: 'drain', name: drained.name, from: drained.from, to: null });
      waiting[at] = { ...drained, drained: true };
    }
    pending = waiting;
  }
  return steps;
}

/** The first whose place another change can use; otherwise the first that is still in place. */
function chooseDrained(waiting: readonly Pending[], nodes: ReadonlyMap<string, MovingNode>): number {
  const inPlace = waiting.flatMap(({ from, drained }, at) => (from !== null && !drained ? [at] : []));
  const freeing = inPlace.find((at) => {
    const { name, replica, from } = waiting[at] as Pending;
    const node = from === null ? undefined : nodes.get(from.node);
    if (from === null || node === undefined) return false;
    const rest = node.roomWithout({ name, replica, devices: from.devices });
    return waiting.some((other) => other.to?.node === from.node && node.fits(rest, other.replica, other.to.devices));
  });
  return freeing ?? inPlace[0] ?? -1;
}

/** A node while replicas come and go. */
class MovingNode {
  readonly #task: PackingTask;
  readonly #nodeClass: number;
  #held: readonly PlacedReplica[];
  #room: Room;

  constructor(task: PackingTask, { nodeClass, held }: PresentNode) {
    [this.#task, this.#nodeClass, this.#held] = [task, nodeClass, held];
    this.#room = roomLeft(task, { nodeClass, held });
  }

  /** Returns whether the replica fits, and holds it then. */
  add(replica: PlacedReplica): boolean {
    if (!this.fits(this.#room, replica.replica, replica.devices)) return false;
    this.#held = [...this.#held, replica];
    this.#room = roomLeft(this.#task, { nodeClass: this.#nodeClass, held: this.#held });
    return true;
  }

  remove(replica: PlacedReplica): void {
    this.#held = this.#without(replica);
    this.#room = roomLeft(this.#task, { nodeClass: this.#nodeClass, held: this.#held });
  }

  roomWithout(replica: PlacedReplica): Room {
    return roomLeft(this.#task, { nodeClass: this.#nodeClass, held: this.#without(replica) });
  }

  fits(room: Room, replica: number, devices: readonly number[]): boolean {
    const shape = this.#task.replicas[replica]?.shape;
    return shape !== undefined && fitsOn(shape, room, devices);
  }

  #without({ name, devices }: PlacedReplica): readonly PlacedReplica[] {
    const at = this.#held.findIndex((each) => each.name === name && each.devices.join() === devices.join());
    return this.#held.filter((_, index) => index !== at);
  }
}
