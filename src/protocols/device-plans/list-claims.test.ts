import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migBoards } from '../../core/hardware/tables/mig-profiles.ts';
import { chooseSlices } from '../../core/packing/slices/choose-slices.ts';
import { makeMigResourceSlices } from '../../testing/builders/pools/mig-resource-slices.ts';
import { buildPlanNode, buildSlicePlan, findBoard, placeOn } from '../../testing/builders/packing/slice-plans.ts';
import { allocateFirstFit } from '../../testing/oracles/first-fit-claims.ts';
import { listClaims } from './list-claims.ts';
import type { PlacedPlan } from './place-plan.ts';

const board = findBoard('A100-80');
const mixed = 'embed:1g.10gb@0 embed:1g.10gb@1 embed:1g.10gb@2 embed:1g.10gb@3 chat:3g.40gb@4';

/** Devices that first fit gives to profiles of one node with as many GPUs as the plan divides there. */
function allocate({ board: of, nodes }: PlacedPlan, node: string, profiles: readonly string[]) {
  const found = nodes.find(({ name }) => name === node);
  const gpus = (found?.gpus ?? []).map(({ index }) => index);
  const slices = makeMigResourceSlices({ name: node, product: found?.product ?? '', board: of, gpus });
  return allocateFirstFit(slices, profiles);
}

describe('the order of claims', () => {
  it('is by node, by GPU and by start', () => {
    const plan = placeOn(
      buildSlicePlan('b:3g.40gb@4 a:1g.10gb@0', 'a:4g.40gb@0'),
      board,
      buildPlanNode('n1', [0]),
      buildPlanNode('n2', [0]),
    );
    expect(listClaims(plan)).toEqual([
      { node: 'n1', service: 'a', profile: '4g.40gb' },
      { node: 'n2', service: 'a', profile: '1g.10gb' },
      { node: 'n2', service: 'b', profile: '3g.40gb' },
    ]);
  });

  it('has a place for each claim where the largest first has not', () => {
    const plan = placeOn(buildSlicePlan(mixed), board, buildPlanNode('n1', [0]));
    const inOrder = listClaims(plan).map(({ profile }) => profile);
    expect(allocate(plan, 'n1', inOrder)).toEqual([
      'gpu-0-mig-1g10gb-0-1',
      'gpu-0-mig-1g10gb-1-1',
      'gpu-0-mig-1g10gb-2-1',
      'gpu-0-mig-1g10gb-3-1',
      'gpu-0-mig-3g40gb-4-4',
    ]);
    expect(allocate(plan, 'n1', [...inOrder].reverse())).toEqual([
      'gpu-0-mig-3g40gb-0-4',
      'gpu-0-mig-1g10gb-4-1',
      'gpu-0-mig-1g10gb-5-1',
      'gpu-0-mig-1g10gb-6-1',
      null,
    ]);
  });

  it.each(migBoards.map((each) => [each.name, each] as const))(
    'has a place for each claim of chosen plans on %s',
    (_, each) => {
      const points = fc.uniqueArray(
        fc.record({
          profile: fc.constantFrom(...each.profiles.map(({ profile }) => profile)),
          batch: fc.constant(1),
          processes: fc.constant(1),
          throughputPerSecond: fc.integer({ min: 20, max: 200 }),
          latencyMs: fc.constant(5),
        }),
        { minLength: 1, maxLength: 4, selector: ({ profile }) => profile },
      );
      const services = fc
        .array(fc.record({ ratePerSecond: fc.integer({ min: 20, max: 300 }), points }), { minLength: 1, maxLength: 4 })
        .map((all) => all.map((one, at) => ({ id: `s${at}`, latencyMs: 20, ...one })));
      fc.assert(
        fc.property(services, fc.integer({ min: 1, max: 3 }), (all, gpusPerNode) => {
          const answer = chooseSlices(all, each);
          if (answer.answer !== 'plan') throw new Error(JSON.stringify(answer.problems));
          const nodes = Array.from({ length: Math.ceil(answer.plan.gpus.length / gpusPerNode) }, (__, at) =>
            buildPlanNode(`n${at}`, [...Array(gpusPerNode).keys()]),
          );
          const plan = placeOn(answer.plan, each, ...nodes);
          for (const { name } of plan.nodes) {
            const own = listClaims(plan).filter(({ node }) => node === name);
            const devices = allocate(
              plan,
              name,
              own.map(({ profile }) => profile),
            );
            expect(devices).not.toContain(null);
            expect(new Set(devices).size).toBe(own.length);
          }
        }),
        { numRuns: 40 },
      );
    },
  );
});
