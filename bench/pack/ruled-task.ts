import { findBoard, findProfile, shareOfBoardMilli } from '../../src/core/packing/cuts/board-cuts.ts';
import type { PackingTask, ReplicaClass } from '../../src/core/packing/packing-task.ts';
import { isShare, wholeDeviceMilli, type NodeShape, type ReplicaShape } from '../../src/core/packing/room.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';

/** Nodes of these models count as A100-80, whose devices may be cut. The trace hides what they are. */
const cutModels = ['G2', 'G3'];
const boardName = 'A100-80';
/** Of pod types with a share of a device and any model, so many ask for a MIG instance of at least that share. */
const instancesShare = 0.5;
const limitedShare = 0.5;
const seed = 21;

/**
 * Returns the task of a trace with MIG and anti-affinity, which the trace does not have. Each pod type counts as a service.
 *
 * | drawn, by a seed                                                | becomes                                            |
 * | --------------------------------------------------------------- | -------------------------------------------------- |
 * | nodes of the models G2 and G3                                   | A100-80 boards, whose devices may be cut           |
 * | half of the types with a share of a device of any model         | the smallest MIG profile with so much memory       |
 * | half of all types                                               | at most 1 or 2 of the type on a node, at even odds |
 */
export function makeRuledTask(task: PackingTask): PackingTask {
  const random = seededRandom(seed);
  return {
    ...task,
    nodes: task.nodes.map(({ shape, count }) => ({ count, shape: withBoard(shape) })),
    replicas: task.replicas.map((each, at): ReplicaClass => {
      const asksInstance = random.nextShare() < instancesShare;
      const isLimited = random.nextShare() < limitedShare;
      const atMost = 1 + random.nextBelow(2);
      const shape = asksInstance ? withProfile(each.shape) : each.shape;
      return { ...each, shape: isLimited ? { ...shape, perNode: { service: `type ${at}`, atMost } } : shape };
    }),
  };
}

const withBoard = (shape: NodeShape): NodeShape =>
  cutModels.includes(shape.model) ? { ...shape, board: boardName } : shape;

function withProfile(shape: ReplicaShape): ReplicaShape {
  const board = findBoard(boardName);
  if (board === null || !isShare(shape) || shape.models.length > 0) return shape;
  for (const name of ['1g', '2g', '3g', '7g']) {
    const profile = findProfile(board, [name]);
    const deviceMilli = profile === null ? 0 : shareOfBoardMilli(board, profile);
    if (deviceMilli >= Math.min(shape.deviceMilli, wholeDeviceMilli))
      return { ...shape, deviceMilli, profiles: [name] };
  }
  return shape;
}
