import { migBoards, type MigBoard } from '../../../core/hardware/tables/mig-profiles.ts';
import type { PlannedInstance, SlicePlan } from '../../../core/packing/slices/slice-plan.ts';
import { placePlan, type PlacedPlan, type PlanNode } from '../../../protocols/device-plans/place-plan.ts';

/** The board whose name begins so. @throws Error where there is none. */
export function findBoard(name: string): MigBoard {
  const board = migBoards.find((each) => each.name.startsWith(name));
  if (board === undefined) throw new Error(`no board is named ${name}`);
  return board;
}

/** A plan whose GPUs are written as text: `chat:3g.40gb@4 embed:1g.10gb@0`. */
export function buildSlicePlan(...gpus: readonly string[]): SlicePlan {
  return {
    gpus: gpus.map((gpu) => ({ instances: gpu.split(' ').filter(Boolean).map(readInstance) })),
    slices: 0,
    bound: { gpus: gpus.length, denominator: 1n, prices: [], shares: [] },
    gpusProof: 'prices',
    slicesAtLeast: 0,
  };
}

function readInstance(text: string): PlannedInstance {
  const [, service = '', profile = '', start = ''] = /^(.+):(.+)@(\d)$/.exec(text) ?? [];
  const point = { profile, batch: 1, processes: 1, throughputPerSecond: 10, latencyMs: 5 };
  return { service, point, start: Number(start) };
}

/** The plan on the nodes. @throws Error where it cannot be placed. */
export function placeOn(plan: SlicePlan, board: MigBoard, ...nodes: readonly PlanNode[]): PlacedPlan {
  const answer = placePlan(plan, board, nodes);
  if (answer.answer !== 'placed') throw new Error(JSON.stringify(answer.problems));
  return answer.placed;
}

/** A node with A100s of 80 GB. */
export function buildPlanNode(name: string, gpus: readonly number[], product = 'NVIDIA A100-SXM4-80GB'): PlanNode {
  return { name, product, gpus };
}
