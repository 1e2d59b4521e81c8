import { describe, expect, it } from 'vitest';
import { effectiveRollout } from '../../contract/defaults.ts';
import { aDeployment, aRelease, aReplica, aRolloutState } from '../../../testing/builders/rollout-builders.ts';
import { beginStep, shadowStep } from '../judge/canary-step.ts';
import type { CanaryRecord } from '../judge/canary.ts';
import { desiredSets, shedReplicas, wantedPairs } from './desired-sets.ts';
import { countOfAnother } from '../routing/routable.ts';
import { judgeIncoming } from './incoming.ts';
import { planRollout } from './plan-rollout.ts';
import type { Release } from '../release.ts';
import type { RolloutState } from './rollout-state.ts';

const limits = { min: 1, max: 10 };
const canary = { shadowShare: 0.1, judge: effectiveRollout({}).judge };
const live = aRelease(1, { replicas: limits });
const stepped = (over: Partial<Release> = {}): Release =>
  aRelease(2, { replicas: limits, steps: [0.05, 0.25, 1], ...over });
const scaledTo = (desired: number, over: Partial<RolloutState>): RolloutState =>
  aRolloutState({ scale: { desired, reason: 'a test' }, ...over });
const sizes = (state: RolloutState): readonly number[] =>
  wantedPairs(state, state.deployment).map(({ replicas }) => replicas);
const inStep = (release: Release, step: number, over: Partial<CanaryRecord> = {}): CanaryRecord => ({
  ...beginStep(release, live.number, step, 0),
  revision: 1,
  ...over,
});
const byHand = { by: 'ada', atMs: 1, reason: 'go' };

describe('the live release', () => {
  const state = (desired: number, release = live) =>
    scaledTo(desired, { releases: [release], deployment: aDeployment({ live: 1 }) });

  it('has what scaling ordered, within its own limits', () => {
    expect([1, 7, 40].map((desired) => sizes(state(desired))[0])).toEqual([1, 7, 10]);
    expect(sizes(state(0))[0]).toBe(1);
    expect(sizes(state(0, aRelease(1, { replicas: { min: 0, max: 3 } })))[0]).toBe(0);
  });

  it('has its minimum where nothing scales, and at least one', () => {
    const unscaled = aRolloutState({
      releases: [aRelease(1, { replicas: { min: 0, max: 5 } })],
      deployment: aDeployment({ live: 1 }),
    });
    expect(sizes(unscaled)).toEqual([1]);
  });

  it('has what another one has set, whatever the limits are, and never a replica less than run', () => {
    const release = aRelease(1, { replicas: { min: 2, max: 3, actuator: 'none' } });
    const running = (count: number, over: Partial<ReturnType<typeof aReplica>> = {}) =>
      Array.from({ length: count }, (_each, at) => aReplica(release, { replicaId: `r${at}`, ...over }));
    const counted = (replicas: RolloutState['replicas']): RolloutState => {
      const state = aRolloutState({ releases: [release], deployment: aDeployment({ live: 1 }), replicas });
      return { ...state, scale: countOfAnother(state) };
    };
    for (const count of [0, 1, 5]) {
      const state = counted(running(count));
      expect(sizes(state)).toEqual([count]);
      expect(shedReplicas(state, state.deployment)).toEqual(new Set());
    }
    expect(sizes(counted([...running(2), ...running(1, { state: 'draining' })]))).toEqual([2]);
    expect(sizes(counted(running(2, { state: 'failed' })))).toEqual([2]);
    expect(countOfAnother(aRolloutState({ releases: [live], deployment: aDeployment({ live: 1 }) }))).toBeNull();
  });

  it('keeps an empty set at zero, so that nothing else takes it for one that left', () => {
    const none = state(0, aRelease(1, { replicas: { min: 0, max: 3 } }));
    expect(desiredSets(none, none.deployment, new Set(), null)).toMatchObject([{ replicas: 0 }]);
  });
});

describe('a release that comes in', () => {
  const comes = (incoming: Release, over: Partial<RolloutState> = {}) =>
    scaledTo(8, {
      releases: [live, incoming],
      deployment: aDeployment({ live: 1, incoming: 2, phase: 'starting' }),
      ...over,
    });
  const steps = (incoming: Release, step: number, record: Partial<CanaryRecord> = {}) =>
    comes(incoming, {
      deployment: aDeployment({
        live: 1,
        incoming: 2,
        phase: step === shadowStep ? 'shadowing' : 'stepping',
        step: Math.max(0, step),
      }),
      canary: inStep(incoming, step, record),
    });

  it('has what its share of the traffic needs, and the next share once its step is decided', () => {
    const release = stepped();
    expect(sizes(comes(release))).toEqual([8, 1]);
    expect(sizes(steps(release, 0))).toEqual([8, 1]);
    expect(sizes(steps(release, 0, { promote: byHand }))).toEqual([8, 2]);
    expect(sizes(steps(release, 1))).toEqual([8, 2]);
    expect(sizes(steps(release, 1, { promote: byHand }))).toEqual([8, 8]);
  });

  it('has what mirrored requests need in the shadow', () => {
    const release = stepped({ canary: { ...canary, shadowShare: 0.5 } });
    expect(sizes(comes(release))).toEqual([8, 4]);
    expect(sizes(steps(release, shadowStep))).toEqual([8, 4]);
  });

  it('is brought in whole where it takes no steps, within its own limits', () => {
    expect(sizes(comes(aRelease(2, { replicas: limits })))).toEqual([8, 8]);
    expect(sizes(comes(aRelease(2, { replicas: { min: 1, max: 3 } })))).toEqual([8, 3]);
    expect(sizes(comes(aRelease(2, { replicas: { min: 9, max: 12 } })))).toEqual([8, 9]);
  });

  const admitted = (release: Release, count: number): Partial<RolloutState> => {
    const replicas = Array.from({ length: count }, (_, index) => aReplica(release, { replicaId: `in-${index}` }));
    return {
      replicas: [aReplica(live), ...replicas],
      admissions: new Map(
        [aReplica(live), ...replicas].map(({ replicaId, pair }) => [
          replicaId,
          (pair === live.pair ? live : release).golden?.blob ?? null,
        ]),
      ),
    };
  };

  it('takes over only when it can carry the traffic', () => {
    const release = aRelease(2, { replicas: limits });
    const outcome = (count: number) => {
      const state = comes(release, admitted(release, count));
      return judgeIncoming(state, state.deployment!, release);
    };
    expect(outcome(7)).toEqual({ outcome: 'wait', reason: '7 of 8 replicas ready and admitted' });
    expect(outcome(8).outcome).toBe('flip');
  });

  it('takes over with its minimum when no more are to be had in time, and fails with fewer', () => {
    const release = aRelease(2, { replicas: { min: 2, max: 10 }, startTimeoutMs: 5_000 });
    const outcome = (count: number) => {
      const state = comes(release, { ...admitted(release, count), observingSinceMs: -1e6, nowMs: 1e6 });
      return judgeIncoming(state, state.deployment!, release);
    };
    expect(outcome(2)).toEqual({
      outcome: 'flip',
      reason: '2 of 8 replicas ready and admitted after 5 s, and no more of them in time',
    });
    expect(outcome(1).outcome).toBe('fail');
  });

  it('is not kept from going back: a rollback takes over with its minimum, and wants the rest', () => {
    const cause = { kind: 'rollback', axis: 'model', from: 1, to: 0, reason: 'bad' } as const;
    const release = aRelease(2, { replicas: limits, cause });
    const state = comes(release, admitted(release, 1));
    expect(judgeIncoming(state, state.deployment!, release).outcome).toBe('flip');
    expect(sizes(state)).toEqual([8, 8]);
  });

  it('waits in its step until the next share can be carried', () => {
    const release = stepped();
    const at = (count: number) => {
      const promoted = steps(release, 1, { promote: byHand });
      return planRollout({ ...promoted, ...admitted(release, count) }).deployment?.live;
    };
    expect(at(7)).toBeUndefined();
    expect(at(8)).toBe(2);
  });
});

it('a release that is kept warm has its minimum', () => {
  const kept = aRelease(2, { replicas: { min: 2, max: 10 } });
  const state = scaledTo(6, {
    releases: [live, kept],
    deployment: aDeployment({ live: 1, previous: { release: 2, untilMs: 1e9 } }),
  });
  expect(sizes(state)).toEqual([6, 2]);
});
