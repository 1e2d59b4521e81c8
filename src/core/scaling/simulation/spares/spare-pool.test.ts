import { describe, expect, it } from 'vitest';
import { fixedStarts } from '../../../coldstart/stated-starts.ts';
import { seededRandom } from '../../../statistics/random.ts';
import { makePolicyInput } from '../../../../testing/builders/scaling/scaling-builders.ts';
import type { Policy, PolicyInput } from '../../policy.ts';
import { simulate } from '../simulate.ts';
import type { SimulatedSpares, SimulatedWorld } from '../world.ts';
import { SparePool } from './spare-pool.ts';

const spares: SimulatedSpares = { count: 1, starts: fixedStarts(5_000), replaceMs: 10_000, isTold: true };

describe('simulated spares', () => {
  it('are back after they were replaced', () => {
    const pool = new SparePool(spares);
    expect([0, 4_000, 12_000].map((atMs) => pool.take(atMs))).toEqual([true, false, true]);
    expect([pool.free(21_999), pool.free(22_000)]).toEqual([0, 1]);
    expect(new SparePool({ ...spares, isTold: false }).told(0)).toEqual({});
  });

  it('are taken by orders first, which are ready sooner, and are told to the policy', () => {
    const seen: PolicyInput[] = [];
    const policy: Policy<null> = {
      name: 'two more',
      periodMs: 1_000,
      begin: () => null,
      decide: (input) => {
        seen.push(input);
        return { decision: { desired: 3, reason: 'the test', terms: {} }, state: null };
      },
    };
    const { capacity, terms } = makePolicyInput();
    const world: SimulatedWorld = {
      arrivals: () => [][Symbol.iterator](),
      ...{ endMs: 60_000, scoreFromMs: 0, capacity, starts: fixedStarts(40_000), terms, spares },
      ...{ initialReplicas: 1, dropAfterMs: null, queueLimit: 10, metricPeriodMs: 1_000, metricLagMs: 0 },
      ...{ restartBackoffMs: 1_000, drainAtMostMs: 1_000, stockOuts: [] },
    };
    const result = simulate(world, policy, seededRandom(1));
    expect(result).toMatchObject({ starts: 2, startsOfSpares: 1 });
    // 5 s of one and 40 s of the other.
    expect(result.acceleratorSeconds.loading).toBeCloseTo(45, 9);
    expect(seen.slice(0, 2).map((input) => input.spares?.free)).toEqual([1, 0]);
    expect(seen[10]?.spares?.free).toBe(1);
    const last = seen.at(-1)?.replicas ?? [];
    expect(last.map(({ ofSpare, readyAtMs }) => [ofSpare, readyAtMs])).toEqual([
      [undefined, 0],
      [true, 5_000],
      [undefined, 40_000],
    ]);
    expect(simulate({ ...world, spares: { ...spares, count: 0 } }, policy, seededRandom(1)).startsOfSpares).toBe(0);
  });
});
