import { describe, expect, it } from 'vitest';
import { aDeployment, aRelease, aReplica, aRolloutState } from '../../../testing/builders/rollout-builders.ts';
import type { KnownSleep, SleepStage } from '../sleep/sleep-stage.ts';
import { planRollout } from './plan-rollout.ts';
import type { RolloutState } from './rollout-state.ts';
import { countAsleep, scaledReplicas } from './scaled-replicas.ts';

const release = aRelease(1, { replicas: { min: 1, max: 4, asleepAtMost: 2 } });
const ids = ['a', 'b', 'c'];
const order = (desired: number, asleep?: number): RolloutState['scale'] => ({
  desired,
  reason: 'test',
  ...(asleep === undefined ? {} : { asleep }),
});

/** Three replicas of one live release; each admitted that is not told of in `stages`. */
function stateOf(
  scale: RolloutState['scale'],
  stages: Readonly<Record<string, SleepStage>> = {},
  over: Partial<RolloutState> = {},
): RolloutState {
  const sleep = new Map<string, KnownSleep>(
    Object.entries(stages).map(([id, stage]) => [
      id,
      { stage, sinceMs: 0, ...(stage === 'waking' ? { wakeOrderedAtMs: 19_000 } : {}) },
    ]),
  );
  const stateNow = (id: string) =>
    stages[id] === undefined ? 'ready' : stages[id] === 'waking' ? 'starting' : 'asleep';
  const replicas = ids.map((replicaId, index) =>
    aReplica(release, {
      replicaId,
      startedAtMs: index,
      endpoint: `http://127.0.0.1:${index + 1}`,
      state: stateNow(replicaId),
    }),
  );
  const golden = release.golden?.blob ?? null;
  const admissions = new Map(ids.filter((id) => stages[id] === undefined).map((id) => [id, golden]));
  const world = { releases: [release], deployment: aDeployment({ live: 1 }), replicas, admissions, scale, sleep };
  return aRolloutState({ ...world, ...over });
}

/** The plan after its own table was acknowledged. */
function planOnceRouted(state: RolloutState) {
  const routing = planRollout(state).routing ?? state.routing;
  const gateways = [
    { gatewayId: 'g', acknowledgedGeneration: routing?.generation ?? 0, inFlight: new Map<string, number>() },
  ];
  return planRollout({ ...state, routing, gateways });
}

const routedIn = ({ routing }: Pick<RolloutState, 'routing'>) =>
  routing?.splits.flatMap(({ replicas }) => replicas.map(({ replicaId }) => replicaId));

describe('sleep in a rollout', () => {
  it('takes replicas out of the table first, and orders sleep once gateways have let go of them', () => {
    const state = stateOf(order(1, 2));
    const first = planRollout({
      ...state,
      gateways: [{ gatewayId: 'g', acknowledgedGeneration: 0, inFlight: new Map() }],
    });
    expect(routedIn(first)).toEqual(['a']);
    expect(first.sleep).toEqual({ sleep: [], wake: [] });
    expect(first.sets[0]).toMatchObject({ replicas: 3, stopFirst: [], asleep: ['c', 'b'] });
    const then = planOnceRouted(state);
    expect(then.sleep.sleep.map(({ replicaId }) => replicaId)).toEqual(['c', 'b']);
    expect(then.sets[0]).toMatchObject({ replicas: 3, stopFirst: [] });
  });

  it('does not order sleep while a request is in flight on a replica', () => {
    const state = stateOf(order(2, 1));
    const { routing } = planRollout(state);
    const gateways = [
      { gatewayId: 'g', acknowledgedGeneration: routing?.generation ?? 0, inFlight: new Map([['c', 1]]) },
    ];
    expect(planRollout({ ...state, routing, gateways }).sleep.sleep).toEqual([]);
  });

  it('stops those that may not sleep, and keeps those that sleep beside what is wanted', () => {
    const plan = planOnceRouted(stateOf(order(1, 1)));
    expect(plan.sets[0]).toMatchObject({ replicas: 2, stopFirst: ['c'], asleep: ['b'] });
    expect(plan.sets[0]?.reason).toContain('1 asleep beside them');
  });

  it('wakes a replica for a step up, and starts none in its place', () => {
    const plan = planRollout(stateOf(order(2, 1), { b: 'asleep', c: 'asleep' }));
    expect(plan.sleep.wake.map(({ replicaId }) => replicaId)).toEqual(['b']);
    expect(plan.sets[0]).toMatchObject({ replicas: 3, asleep: ['c'] });
    expect(planRollout(stateOf(order(2, 1), { b: 'waking', c: 'asleep' })).sleep.wake).toEqual([]);
  });

  it('starts a replica anew where those that sleep are not enough', () => {
    const plan = planRollout(stateOf(order(4, 0), { c: 'asleep' }));
    expect(plan.sets[0]).toMatchObject({ replicas: 4 });
    expect(plan.sleep.wake.map(({ replicaId }) => replicaId)).toEqual(['c']);
  });

  it('stops a replica that is stuck, and has another one started where it is missing', () => {
    const plan = planOnceRouted(stateOf(order(3, 0), { c: 'stuck' }));
    expect(plan.sets[0]).toMatchObject({ replicas: 3, stopFirst: ['c'] });
  });

  it('never routes to one that sleeps, wakes or falls asleep', () => {
    for (const stage of ['asleep', 'falling-asleep', 'waking', 'stuck'] as const) {
      expect(routedIn(planRollout(stateOf(order(3, 2), { b: stage })))).toEqual(['a', 'c']);
    }
  });

  it('stops sleeping replicas where scaling lets none sleep, and where the release does not', () => {
    expect(planOnceRouted(stateOf(order(1), { b: 'asleep', c: 'asleep' })).sets[0]).toMatchObject({
      ...{ replicas: 1, stopFirst: ['b', 'c'] },
    });
    const without = { ...release, replicas: { min: 1, max: 4 } };
    const plan = planOnceRouted(stateOf(order(1, 2), { b: 'asleep' }, { releases: [without] }));
    expect(plan.sets[0]).toMatchObject({ replicas: 1 });
    expect(plan.sleep).toEqual({ sleep: [], wake: [] });
  });

  it('is seen by a policy as a number of replicas that sleep, and as when a waking one will serve', () => {
    const state = stateOf(order(2, 1), { b: 'waking', c: 'asleep' });
    expect(countAsleep(state, release)).toBe(1);
    expect(scaledReplicas(state, release, new Set(), 3_000)).toEqual([
      { replicaId: 'a', state: 'ready', orderedAtMs: 0, readyAtMs: 10 },
      { replicaId: 'b', state: 'starting', orderedAtMs: 1, readyAtMs: null, awakeAtMs: 22_000 },
    ]);
  });
});
