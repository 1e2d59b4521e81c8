import { listGains, nanoPerUnit, type PackingTask } from '../packing-task.ts';
import { planPlacement } from '../plan/plan-placement.ts';
import { roomLeft } from '../plan/placement.ts';
import type { LinearSolver } from '../linear-program.ts';
import { acceptsModel, fitsRoom, totalDeviceMilli, wholeDeviceMilli, type ReplicaShape, type Room } from '../room.ts';
import type { NamedTask } from '../named/named-task.ts';
import type { PlacedReplica, PresentNode } from './present-placement.ts';
import type { MoveStep } from './order-moves.ts';
import { chooseDevicesTightly, type TightPlace } from './tight-place.ts';

/**
 * What a few moves give.
 *
 * | `wanted` | is gained |
 * |---|---|
 * | `replicas` | devices of replicas that had no place before |
 * | `free-devices` | whole free devices more, where all replicas have a place already |
 */
export interface Defragmentation {
  readonly wanted: 'replicas' | 'free-devices';
  /** Moves, each followed by what it makes room for; in an order in which each is possible. */
  readonly steps: readonly MoveStep[];
  readonly moves: number;
  /** In nano of a device. */
  readonly gainNano: bigint;
  /** The part of the gain that takes no move. */
  readonly withoutMovesNano: bigint;
  /** No number of moves gains more: the bound of the plan that keeps every running replica. */
  readonly boundNano: bigint;
}

const nobody = 'a free device';
/** Sets of replicas that are tried as moves at once. */
const movedTogether = 3;
const setsTried = 300;

/**
 * Returns moves that gain the most for each move, at most `movesAtMost`: a heuristic, with a bound for any number of moves.
 * It is proven best where the gain reaches the bound.
 *
 * In turn, the replica that gains the most is given a place: without a move where there is one, else where the fewest
 * replicas have to move away. A set of up to three replicas of one node is tried, and each needs a place elsewhere.
 */
export function defragment(
  named: NamedTask,
  present: readonly PresentNode[],
  movesAtMost: number,
  solver: LinearSolver,
): Defragmentation {
  const { task } = named;
  const running = countRunning(task, present);
  const waiting = task.replicas.map(({ count }, at) => Math.max(0, count - (running[at] ?? 0)));
  const isFull = task.replicas.every(({ shape }, at) => totalDeviceMilli(shape) === 0 || waiting[at] === 0);
  const wantedTask = isFull ? wantFreeDevices(task, running) : wantReplicas(task, running, waiting);
  const search = new MoveSearch(wantedTask, present);
  const added = new Map<number, number>();
  let [gainNano, withoutMovesNano] = [0n, 0n];
  const gains = wantedTask.replicas.map(({ gainNano: gain, reserved }) => (reserved === true ? 0 : (gain ?? 0)));
  const order = gains.map((gain, replica) => ({ gain, replica })).filter(({ gain }) => gain > 0);
  order.sort((a, b) => b.gain - a.gain);
  for (const freeOnly of [true, false]) {
    for (const { gain, replica } of order) {
      const count = wantedTask.replicas[replica]?.count ?? 0;
      const names = isFull ? [] : listWaiting(named, replica - task.replicas.length, present);
      while ((added.get(replica) ?? 0) < count) {
        const name = isFull ? nobody : (names[added.get(replica) ?? 0] ?? '');
        const left = freeOnly ? 0 : movesAtMost - search.moves;
        if (!search.place(name, replica, left)) break;
        added.set(replica, (added.get(replica) ?? 0) + 1);
        // Devices that are free at present are no gain.
        if (!isFull || !freeOnly) gainNano += BigInt(gain);
        if (!isFull && freeOnly) withoutMovesNano += BigInt(gain);
      }
    }
  }
  const { certificate } = planPlacement(wantedTask, solver);
  const before = isFull ? countFree(task, present) : 0n;
  const unit = BigInt(isFull ? nanoPerUnit : 1);
  const boundNano = (certificate.boundNano / unit) * unit - before;
  return {
    wanted: isFull ? 'free-devices' : 'replicas',
    steps: search.steps.filter(({ kind, name }) => kind === 'move' || name !== nobody),
    moves: search.moves,
    gainNano,
    withoutMovesNano,
    boundNano: boundNano < gainNano ? gainNano : boundNano,
  };
}

function countRunning(task: PackingTask, present: readonly PresentNode[]): readonly number[] {
  const counts = task.replicas.map(() => 0);
  for (const { held } of present) for (const { replica } of held) counts[replica] = (counts[replica] ?? 0) + 1;
  return counts;
}

/** Running replicas are reserved: a plan of this task keeps them all, wherever they are. */
function keepRunning(task: PackingTask, running: readonly number[]): PackingTask['replicas'] {
  return task.replicas.map(({ shape }, at) => ({ shape, count: running[at] ?? 0, reserved: true }));
}

function wantReplicas(task: PackingTask, running: readonly number[], waiting: readonly number[]): PackingTask {
  const gains = listGains({ ...task, objective: 'most-accelerators' });
  const more = task.replicas.map(({ shape }, at) => ({ shape, count: waiting[at] ?? 0, gainNano: gains[at] ?? 0 }));
  return { objective: 'most-accelerators', nodes: task.nodes, replicas: [...keepRunning(task, running), ...more] };
}

function wantFreeDevices(task: PackingTask, running: readonly number[]): PackingTask {
  const count = task.nodes.reduce((sum, each) => sum + each.count * each.shape.devices, 0);
  const shape: ReplicaShape = { cpuMilli: 0, memoryMib: 0, devices: 1, deviceMilli: wholeDeviceMilli, models: [] };
  const probe = { shape, count, gainNano: nanoPerUnit };
  return { objective: 'most-accelerators', nodes: task.nodes, replicas: [...keepRunning(task, running), probe] };
}

function countFree(task: PackingTask, present: readonly PresentNode[]): bigint {
  const free = present.flatMap((node) => roomLeft(task, node).freeMilli).filter((milli) => milli === wholeDeviceMilli);
  return BigInt(free.length) * BigInt(nanoPerUnit);
}

/** Names of the class that do not run as often as they are asked for, each as often as it is missing. */
function listWaiting({ replicas }: NamedTask, replica: number, present: readonly PresentNode[]): readonly string[] {
  const held = Map.groupBy(
    present.flatMap((node) => node.held),
    ({ name }) => name,
  );
  return (replicas[replica] ?? []).flatMap(({ name, count }) =>
    Array.from({ length: Math.max(0, count - (held.get(name)?.length ?? 0)) }, () => name),
  );
}

interface RoomyNode extends PresentNode {
  readonly room: Room;
}

/** Nodes while replicas are moved and added. */
class MoveSearch {
  readonly #task: PackingTask;
  readonly #nodes: RoomyNode[];
  readonly steps: MoveStep[] = [];
  moves = 0;

  constructor(task: PackingTask, present: readonly PresentNode[]) {
    this.#task = task;
    this.#nodes = present.map((node) => this.#withRoom(node));
  }

  /** Returns whether a place was found with at most so many moves, and takes it then. */
  place(name: string, replica: number, movesAtMost: number): boolean {
    const shape = this.#shapeOf(replica);
    let found = choosePlace(shape, this.#nodes, -1);
    if (found === null) {
      const sets = this.#listSets(shape, Math.min(movesAtMost, movedTogether));
      if (!sets.some(({ node, moved }) => this.#moveAway(node, moved))) return false;
      found = choosePlace(shape, this.#nodes, -1);
    }
    if (found !== null) this.#add(found.node, { name, replica, devices: found.devices }, null);
    return found !== null;
  }

  #withRoom({ node, nodeClass, held }: PresentNode): RoomyNode {
    return { node, nodeClass, held, room: roomLeft(this.#task, { nodeClass, held }) };
  }

  #shapeOf(replica: number): ReplicaShape {
    const shape = this.#task.replicas[replica]?.shape;
    if (shape === undefined) throw new RangeError(`there is no replica class ${replica}`);
    return shape;
  }

  #add(at: number, held: PlacedReplica, from: MoveStep['from']): void {
    const node = this.#nodes[at];
    if (node === undefined) return;
    this.#nodes[at] = this.#withRoom({ ...node, held: [...node.held, held] });
    const to = { node: node.node, devices: held.devices };
    this.steps.push({ kind: from === null ? 'start' : 'move', name: held.name, from, to });
  }

  /** Sets of replicas of one node without which the wanted one fits there; small ones that hold little first. */
  #listSets(shape: ReplicaShape, sizeAtMost: number) {
    const seen = new Set<string>();
    const sets = this.#nodes.flatMap((node, at) => {
      const key = `${node.nodeClass} ${node.held.map(({ replica, devices }) => `${replica}:${devices.join()}`).join(' ')}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return chooseSets(node.held, sizeAtMost).flatMap((moved) => {
        if (!this.#mayFit(shape, node, moved)) return [];
        const held = node.held.filter((each) => !moved.includes(each));
        const { room } = this.#withRoom({ ...node, held });
        return fitsRoom(shape, room) ? [{ node: at, moved, milli: this.#sumMilli(moved) }] : [];
      });
    });
    return sets.sort((a, b) => a.moved.length - b.moved.length || a.milli - b.milli).slice(0, setsTried);
  }

  /** A quick look at CPU, memory and the sum of devices. */
  #mayFit(shape: ReplicaShape, { room }: RoomyNode, moved: readonly PlacedReplica[]): boolean {
    const shapes = moved.map(({ replica }) => this.#shapeOf(replica));
    const freeMilli = room.freeMilli.reduce((sum, free) => sum + free, 0);
    return (
      acceptsModel(shape, room.model) &&
      shapes.reduce((sum, { cpuMilli }) => sum + cpuMilli, room.cpuMilli) >= shape.cpuMilli &&
      shapes.reduce((sum, { memoryMib }) => sum + memoryMib, room.memoryMib) >= shape.memoryMib &&
      (shapes.some(({ profiles }) => profiles !== undefined) ||
        freeMilli + this.#sumMilli(moved) >= totalDeviceMilli(shape))
    );
  }

  #sumMilli(moved: readonly PlacedReplica[]): number {
    return moved.reduce((sum, { replica }) => sum + totalDeviceMilli(this.#shapeOf(replica)), 0);
  }

  /** Returns whether each of the replicas has a place on another node, and moves them then. */
  #moveAway(from: number, moved: readonly PlacedReplica[]): boolean {
    const nodes = [...this.#nodes];
    const targets: (TightPlace & { readonly replica: PlacedReplica })[] = [];
    const order = [...moved].sort((a, b) => this.#sumMilli([b]) - this.#sumMilli([a]));
    for (const replica of order) {
      const found = choosePlace(this.#shapeOf(replica.replica), nodes, from);
      const node = found === null ? undefined : nodes[found.node];
      if (found === null || node === undefined) return false;
      nodes[found.node] = this.#withRoom({ ...node, held: [...node.held, { ...replica, devices: found.devices }] });
      targets.push({ replica, ...found });
    }
    const source = this.#nodes[from];
    if (source === undefined) return false;
    for (const { replica, node, devices } of targets) {
      this.#add(node, { ...replica, devices }, { node: source.node, devices: replica.devices });
    }
    this.#nodes[from] = this.#withRoom({ ...source, held: source.held.filter((each) => !moved.includes(each)) });
    this.moves += moved.length;
    return true;
  }
}

/** The place that leaves the least free on its node; not on the node with the index `except`. */
const choosePlace = (shape: ReplicaShape, nodes: readonly RoomyNode[], except: number): TightPlace | null =>
  chooseDevicesTightly(
    shape,
    nodes.map(({ room }) => room),
    except,
  );

/** Returns every set of 1 to `sizeAtMost` elements. */
function chooseSets<T>(elements: readonly T[], sizeAtMost: number): readonly (readonly T[])[] {
  if (sizeAtMost <= 0) return [];
  return elements.flatMap((element, at) => [
    [element],
    ...chooseSets(elements.slice(at + 1), sizeAtMost - 1).map((rest) => [element, ...rest]),
  ]);
}
