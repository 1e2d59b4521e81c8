import { describe, expect, it } from 'vitest';
import { digestOf } from '../../units/digest.ts';
import type { ObservedReplica, ReplicaState } from '../replica.ts';
import { aDeployment, aRelease, aReplica, aRolloutState } from '../../../testing/builders/rollout-builders.ts';
import { planRollout } from './plan-rollout.ts';
import { renewOutdated } from './renew-outdated.ts';

const replica = (replicaId: string, state: ReplicaState, outdated?: string): ObservedReplica => ({
  ...{ replicaId, set: 's', pair: digestOf('pair'), release: 1, state, reason: '', endpoint: 'http://x', pid: 1 },
  ...{ node: 'n', restarts: 0, startedAtMs: 0, readyAtMs: 0, phases: [] },
  ...(outdated === undefined ? {} : { outdated }),
});
const old = (id: string, state: ReplicaState = 'ready') =>
  replica(id, state, 'TOKEN has another value since its start');
const isServing = ({ state }: ObservedReplica): boolean => state === 'ready';
const moreFor = (running: readonly ObservedReplica[], replicas: number) => renewOutdated(running, replicas, isServing);

describe('renewOutdated', () => {
  it('wants nothing more while nothing is outdated', () => {
    expect(moreFor([], 1)).toEqual({ more: 0, reason: '' });
    expect(moreFor([replica('a', 'ready'), replica('b', 'starting')], 1)).toEqual({ more: 0, reason: '' });
  });

  it('wants one more until it serves', () => {
    expect(moreFor([old('a')], 1)).toEqual({
      more: 1,
      reason: 'a is replaced: TOKEN has another value since its start',
    });
    expect(moreFor([old('a'), replica('b', 'starting')], 1)).toMatchObject({ more: 1 });
    expect(moreFor([old('a'), replica('b', 'ready')], 1)).toMatchObject({ more: 0 });
  });

  it('replaces several one after another', () => {
    expect(moreFor([old('a'), old('b'), old('c')], 3)).toEqual({
      more: 1,
      reason: 'a and 2 more are replaced: TOKEN has another value since its start',
    });
    expect(moreFor([old('a'), old('b'), old('c'), replica('d', 'ready')], 3)).toMatchObject({ more: 0 });
    expect(moreFor([old('b'), old('c'), replica('d', 'ready')], 3)).toMatchObject({ more: 1 });
  });

  it('lets those be that sleep or wait for a device', () => {
    expect(moreFor([replica('a', 'ready'), old('b', 'asleep')], 1)).toEqual({ more: 0, reason: '' });
    expect(moreFor([replica('a', 'ready'), old('b', 'pending')], 1)).toEqual({ more: 0, reason: '' });
  });
});

describe('the plan of a turn with outdated replicas', () => {
  const release = aRelease(1, { replicas: { min: 2, max: 2 } });
  const golden = release.golden?.blob ?? null;
  const why = 'TOKEN has another value since its start';
  const planOf = (replicas: readonly ObservedReplica[]) => {
    const admissions = new Map(replicas.filter(isServing).map(({ replicaId }) => [replicaId, golden] as const));
    const state = aRolloutState({ releases: [release], deployment: aDeployment({ live: 1 }), replicas, admissions });
    const routing = planRollout(state).routing ?? state.routing;
    const generation = routing?.generation ?? 0;
    const gateways = [{ gatewayId: 'g', acknowledgedGeneration: generation, inFlight: new Map<string, number>() }];
    const { sets } = planRollout({ ...state, routing, gateways });
    const routed = routing?.splits.flatMap((split) => split.replicas.map(({ replicaId }) => replicaId)) ?? [];
    return { wanted: sets[0]?.replicas, stopFirst: sets[0]?.stopFirst, reason: sets[0]?.reason, routed: routed.sort() };
  };
  const one = (replicaId: string, index: number, over: Partial<ObservedReplica> = {}): ObservedReplica =>
    aReplica(release, { replicaId, startedAtMs: index, endpoint: `http://127.0.0.1:${index + 1}`, ...over });

  it('goes from two outdated ones to two others, and two serve at each step', () => {
    const [a, b] = [one('a', 0, { outdated: why }), one('b', 1, { outdated: why })];
    expect(planOf([a, b])).toMatchObject({ wanted: 3, stopFirst: [], routed: ['a', 'b'] });
    expect(planOf([a, b]).reason).toContain(`a and 1 more are replaced: ${why}`);
    expect(planOf([a, b, one('c', 2, { state: 'starting' })])).toMatchObject({ wanted: 3, routed: ['a', 'b'] });
    const third = planOf([a, b, one('c', 2)]);
    expect(third).toMatchObject({ wanted: 2, stopFirst: ['b'], routed: ['a', 'c'] });
    expect(planOf([a, one('c', 2)])).toMatchObject({ wanted: 3, routed: ['a', 'c'] });
    expect(planOf([a, one('c', 2), one('d', 3)])).toMatchObject({ wanted: 2, stopFirst: ['a'], routed: ['c', 'd'] });
    expect(planOf([one('c', 2), one('d', 3)])).toMatchObject({ wanted: 2, stopFirst: [] });
  });
});
