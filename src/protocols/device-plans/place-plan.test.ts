import { describe, expect, it } from 'vitest';
import { buildPlanNode, buildSlicePlan, findBoard } from '../../testing/builders/packing/slice-plans.ts';
import type { SlicePlan } from '../../core/packing/slices/slice-plan.ts';
import { describePlaceProblem, placePlan, type PlanNode } from './place-plan.ts';

const board = findBoard('A100-80');
const sevens = 'a:1g.10gb@0 a:1g.10gb@1';
const halves = 'b:3g.40gb@0 b:3g.40gb@4';

function listPlaces(plan: SlicePlan, ...nodes: readonly PlanNode[]): readonly string[] {
  const answer = placePlan(plan, board, nodes);
  if (answer.answer !== 'placed') return answer.problems.map(describePlaceProblem);
  return answer.placed.nodes.map(
    ({ name, gpus }) =>
      `${name}: ${gpus.map(({ index, instances }) => `${index}=${instances.map(({ point }) => point.profile).join('+')}`).join(' ')}`,
  );
}

describe('placing a plan on nodes', () => {
  it('puts GPUs with the same instances side by side, the largest first', () => {
    expect(
      listPlaces(
        buildSlicePlan(sevens, halves, sevens, halves),
        buildPlanNode('n1', [0, 1]),
        buildPlanNode('n2', [0, 1]),
      ),
    ).toEqual(['n1: 0=3g.40gb+3g.40gb 1=3g.40gb+3g.40gb', 'n2: 0=1g.10gb+1g.10gb 1=1g.10gb+1g.10gb']);
  });

  it('takes the lowest numbers of a node first, and leaves other GPUs and nodes out', () => {
    expect(listPlaces(buildSlicePlan(halves, ''), buildPlanNode('n1', [5, 3]), buildPlanNode('n2', [0]))).toEqual([
      'n1: 3=3g.40gb+3g.40gb',
    ]);
    expect(listPlaces(buildSlicePlan())).toEqual([]);
  });

  it('names what makes it impossible', () => {
    expect(listPlaces(buildSlicePlan(halves, halves), buildPlanNode('n1', [0]))).toEqual([
      'The plan needs 2 GPUs. The nodes have 1.',
    ]);
    expect(
      listPlaces(buildSlicePlan('Chat_1:1g.10gb@0'), buildPlanNode('n1', [0, 0, -1]), buildPlanNode('n1', [1])),
    ).toEqual([
      'n1: GPU 0 is given twice.',
      'n1: -1 is not the number of a GPU. Numbers are whole and begin at 0.',
      'Two nodes are named n1.',
      'Chat_1 cannot name a Kubernetes object. Use at most 40 lowercase letters, digits and dashes, with a letter first.',
    ]);
  });
});
