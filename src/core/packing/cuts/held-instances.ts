import type { HeldReplica } from '../filling/filling.ts';
import type { PackingTask } from '../packing-task.ts';
import { findBoard, findProfile, placeInstances, type KeptInstance } from './board-cuts.ts';

/** A MIG instance of one device: its profile, and the memory slice at which it begins. */
export type HeldInstance = KeptInstance;

/**
 * Returns what a node of the class holds, with the instance of each replica that asks for a MIG profile. Where the instances of
 * a device do not fit beside each other, their replicas have none.
 */
export function addInstances(
  task: PackingTask,
  nodeClass: number,
  held: readonly HeldReplica[],
): readonly (HeldReplica & { readonly instance?: HeldInstance })[] {
  const boardName = task.nodes[nodeClass]?.shape.board;
  const board = boardName === undefined ? null : findBoard(boardName);
  if (board === null) return held;
  const cut = held.map(({ replica, devices }) => {
    const { profiles } = task.replicas[replica]?.shape ?? {};
    const profile = profiles === undefined ? null : findProfile(board, profiles);
    return profile === null ? null : { device: devices[0] ?? 0, profile: profile.profile };
  });
  const starts = new Map<number, Iterator<number>>();
  for (const [device, own] of Map.groupBy(
    cut.filter((each) => each !== null),
    (each) => each.device,
  )) {
    const placed = placeInstances(
      board,
      own.map(({ profile }) => profile),
    );
    starts.set(device, (placed ?? []).values());
  }
  return held.map((each, at) => {
    const own = cut[at] ?? null;
    const start = own === null ? undefined : starts.get(own.device)?.next();
    if (own === null || start === undefined || start.done === true) return each;
    return { ...each, instance: { profile: own.profile, start: start.value } };
  });
}
