import { describe, expect, it } from 'vitest';
import { makeWorld } from '../../../testing/rigs/scaling/simulated-worlds.ts';
import { lognormalStarts } from '../../coldstart/stated-starts.ts';
import { statedCapacity } from '../../capacity/read-stated-curve.ts';
import { seededRandom } from '../../statistics/random.ts';
import { plimsollPolicy } from '../own/plimsoll.ts';
import { makeHpa } from '../policies/hpa.ts';
import type { Policy, PolicyInput } from '../policy.ts';
import { simulate } from './simulate.ts';
import { withToldFactor } from './told-evidence.ts';

const capacity = statedCapacity({ kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs: 400 });
const world = makeWorld(
  Array.from({ length: 1_200 }, (_, at) => ({ atMs: at * 50, workMs: 400 })),
  { capacity, starts: lognormalStarts(3_000, 4_000), initialReplicas: 2 },
);

/** What a policy was told at each decision. */
function toldTo(policy: Policy<never>, of: typeof world): readonly Pick<PolicyInput, 'capacity' | 'starts'>[] {
  const told: Pick<PolicyInput, 'capacity' | 'starts'>[] = [];
  simulate(of, policy, seededRandom(1), { onDecision: (input) => told.push(input) });
  return told;
}

describe('told evidence', () => {
  it('reaches the policy, and leaves replicas and their starts as they are', () => {
    const policy = makeHpa() as Policy<never>;
    for (const input of toldTo(policy, withToldFactor(world, 'capacity', 2))) {
      expect([input.capacity.ratePerSecond, input.starts]).toEqual([2 * capacity.ratePerSecond, world.starts]);
    }
    for (const input of toldTo(policy, withToldFactor(world, 'start', 4))) {
      expect([input.capacity, Math.max(...input.starts.timesMs)]).toEqual([
        capacity,
        4 * Math.max(...world.starts.timesMs),
      ]);
    }
    // The HPA's target is the requests under way on one replica, which a faster replica does not change.
    const real = simulate(world, makeHpa(), seededRandom(1));
    expect(simulate(withToldFactor(world, 'capacity', 2), makeHpa(), seededRandom(1))).toEqual(real);
    expect(simulate(withToldFactor(world, 'start', 4), makeHpa(), seededRandom(1))).toEqual(real);
  });

  it('ends where it is told to, and the truth is told from then on', () => {
    const { told, ...real } = withToldFactor(world, 'capacity', 2);
    const until = { ...real, told: { ...told!, untilMs: 30_000 } };
    const rates = toldTo(makeHpa() as Policy<never>, until).map((input) => input.capacity.ratePerSecond);
    expect(rates.slice(0, 4)).toEqual([2, 2, 1, 1].map((factor) => factor * capacity.ratePerSecond));
  });

  it('with factor 1 changes nothing, and a capacity told too large buys fewer replicas', () => {
    const real = simulate(world, plimsollPolicy, seededRandom(1));
    expect(simulate(withToldFactor(world, 'capacity', 1), plimsollPolicy, seededRandom(1))).toEqual(real);
    expect(simulate(withToldFactor(world, 'start', 1), plimsollPolicy, seededRandom(1))).toEqual(real);
    const most = (of: typeof world): number =>
      Math.max(
        ...simulate(of, plimsollPolicy, seededRandom(1))
          .timeline.decisions.filter(({ atMs }) => atMs >= 20_000)
          .map(({ desired }) => desired),
        0,
      );
    expect(most(withToldFactor(world, 'capacity', 0.25))).toBeGreaterThan(2 * most(world));
  });
});
