import { expect, test } from 'vitest';
import { aBoundsWorld, steadyArrivals } from '../../../testing/builders/bounds-builders.ts';
import { seededRandom } from '../../statistics/random.ts';
import { simulate } from '../simulation/simulate.ts';
import { lowerBound } from './lower/lower-bound.ts';
import { planOffline, type OfflinePlan } from './offline/plan-offline.ts';
import { regret } from './regret.ts';
import { makePlannedPolicy } from './schedule.ts';

const world = aBoundsWorld(steadyArrivals(100, 50, 0, 600_000), 600_000, { terms: { minReplicas: 1, toZero: false } });
const run: Parameters<typeof planOffline>[1] = (policy) => simulate(world, policy, seededRandom(1));
const bound = lowerBound(world, 'least');
const plan = planOffline(world, run, { simulationsAtMost: 40, periodsAtMost: 1000 });

test('regret is what a policy costs over the bound and over the plan', () => {
  const two = run(makePlannedPolicy([{ atMs: 0, desired: 2 }], 1000));
  const found = regret(two, bound, plan, 1);
  // One replica for 600 s is the least that the terms allow, and it suffices.
  expect(found).toMatchObject({ policySeconds: 1200, boundSeconds: 600, planSeconds: 600, overPlanSeconds: 600 });
  expect(found).toMatchObject({ overBoundShare: 1, overPlanShare: 1, gapShare: 0, attains: true });
});

test('a plan that does not attain, and a bound that is infinite, are nothing to compare with', () => {
  const failed: OfflinePlan = { ...plan, attains: false };
  const found = regret(plan.result, { ...bound, acceleratorSeconds: Infinity }, failed, 1);
  expect(found).toMatchObject({ planSeconds: null, overPlanSeconds: null, overBoundShare: null, gapShare: null });
});
