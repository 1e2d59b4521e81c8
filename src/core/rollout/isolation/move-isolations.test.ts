import { describe, expect, it } from 'vitest';
import { aDeployment, aReplica, aRelease, aRolloutState } from '../../../testing/builders/rollout-builders.ts';
import { neededReplays } from '../deployment/needed-replays.ts';
import { planRollout } from '../deployment/plan-rollout.ts';
import type { RolloutPlan, RolloutState } from '../deployment/rollout-state.ts';
import type { ObservedReplica } from '../replica.ts';
import { askIsolation } from './ask-isolation.ts';
import type { Isolation } from './isolation.ts';
import { moveIsolations } from './move-isolations.ts';

const one = aRelease(1);
const two = aRelease(2);
const golden = one.golden?.blob ?? null;

const replica = (replicaId: string, over: Partial<ObservedReplica> = {}): ObservedReplica =>
  aReplica(one, { replicaId, ...over });

const isolation = (replicaId: string, over: Partial<Isolation> = {}): Isolation => ({
  ...{ replicaId, stage: 'waiting', reason: 'wrong', by: 'ada', askedAtMs: 0, sinceMs: null, untilMs: 1_000_000 },
  ...over,
});

/** Release 1 is live on these, all of them admitted. */
function live(ids: readonly string[], over: Partial<RolloutState> = {}): RolloutState {
  const state = aRolloutState({
    releases: [{ ...one, replicas: { min: ids.length, max: 8 } }],
    deployment: aDeployment({ live: 1 }),
    replicas: ids.map((id) => replica(id)),
    admissions: new Map(ids.map((id) => [id, golden])),
    ...over,
  });
  return state;
}

const routed = (plan: RolloutPlan, state: RolloutState): readonly string[] =>
  (plan.routing ?? state.routing)?.splits.flatMap(({ replicas }) => replicas.map(({ replicaId }) => replicaId)) ?? [];
const kinds = (plan: RolloutPlan): readonly string[] => plan.decisions.map(({ kind }) => kind);

/** As the turns of a control plane would have it, with the replicas that the platform shows next. */
function next(state: RolloutState, replicas: readonly ObservedReplica[] = state.replicas): RolloutState {
  const plan = planRollout(state);
  return {
    ...state,
    routing: plan.routing ?? state.routing,
    isolations: plan.isolations ?? state.isolations,
    replicas,
  };
}

describe('a replica that is isolated', () => {
  it('leaves traffic at once where another one serves, and a spare is ordered in its place', () => {
    const state = live(['a', 'b'], { isolations: [isolation('a')] });
    const plan = planRollout(state);
    expect(plan.isolations).toMatchObject([{ replicaId: 'a', stage: 'isolated', sinceMs: 20_000 }]);
    expect(routed(plan, state)).toEqual(['b']);
    expect(plan.sets).toMatchObject([{ replicas: 3, stopFirst: [] }]);
    expect(kinds(plan)).toEqual(['replica.isolated', 'routing.changed']);
  });

  it('that is the last one serves on until a spare does', () => {
    const alone = live(['a'], { isolations: [isolation('a')] });
    const waiting = planRollout(alone);
    expect(waiting.isolations).toBeNull();
    expect(routed(waiting, alone)).toEqual(['a']);
    expect(waiting.sets).toMatchObject([{ replicas: 2, stopFirst: [] }]);
    const spare = { ...next(alone), replicas: [replica('a'), replica('b')] };
    expect(routed(planRollout(spare), spare)).toEqual(['a']);
    const served = { ...spare, admissions: new Map([...spare.admissions, ['b', golden]]) };
    const plan = planRollout(served);
    expect(routed(plan, served)).toEqual(['b']);
    expect(plan.isolations).toMatchObject([{ stage: 'isolated' }]);
    expect(plan.sets).toMatchObject([{ replicas: 2, stopFirst: [] }]);
  });

  it('is never taken together with the only other one', () => {
    const state = live(['a', 'b'], { isolations: [isolation('a'), isolation('b')] });
    const plan = planRollout(state);
    expect(plan.isolations).toBeNull();
    expect([...routed(plan, state)].sort()).toEqual(['a', 'b']);
    expect(plan.sets).toMatchObject([{ replicas: 4 }]);
  });

  it('stays out of traffic when the other one dies', () => {
    const before = next(live(['a', 'b'], { isolations: [isolation('a')] }));
    const dead = { ...before, replicas: [replica('a'), replica('b', { state: 'failed', endpoint: null })] };
    const plan = planRollout(dead);
    expect(routed(plan, dead)).toEqual([]);
    expect(plan.routing?.starting).toBe(true);
  });

  it('is not stopped when fewer replicas are wanted, nor when its release leaves', () => {
    const before = next(live(['a', 'b', 'c'], { isolations: [isolation('a')] }));
    const fewer = planRollout({ ...before, scale: { desired: 1, reason: 'calm' }, releases: [one] });
    const stopped = fewer.sets[0]?.stopFirst ?? [];
    expect(stopped).toHaveLength(1);
    expect(stopped).not.toContain('a');
    const left = planRollout({
      ...before,
      releases: [...before.releases, two],
      deployment: aDeployment({ live: 2 }),
      replicas: [...before.replicas, aReplica(two, { replicaId: 'd' })],
      admissions: new Map([...before.admissions, ['d', two.golden?.blob ?? null]]),
      observingSinceMs: -100_000,
    });
    const kept = left.sets.find(({ pair }) => pair === one.pair);
    expect(kept).toMatchObject({ replicas: 1, reason: 'no release wants it; 1 for diagnosis' });
    expect(kept?.stopFirst).toEqual(['b', 'c']);
  });

  it('is asked for no golden set, and fails no release that comes in', () => {
    const before = next(live(['a', 'b'], { isolations: [isolation('a')] }));
    const rejected = { replicaId: 'a', golden, reason: 'outside' };
    const state = {
      ...before,
      admissions: new Map([['b', golden]]),
      rejections: [rejected],
      deployment: aDeployment({ incoming: 1, phase: 'starting' as const }),
    };
    expect(neededReplays(state)).toEqual([]);
    expect(kinds(planRollout(state))).not.toContain('release.failed');
  });

  it.each([
    ['its process ended', { replicas: [replica('b')] }],
    ['its process ended', { replicas: [replica('a', { state: 'failed' }), replica('b')] }],
    ['the service was removed', { deployment: aDeployment({ phase: 'removed' }) }],
  ] as const)('is one no more when %s', (reason, over) => {
    const state = { ...live(['a', 'b'], { isolations: [isolation('a', { stage: 'isolated' })] }), ...over };
    const { isolations, events } = moveIsolations(state);
    expect(isolations).toEqual([]);
    expect(events).toMatchObject([{ kind: 'replica.isolation-ended', data: { replicaId: 'a', reason } }]);
  });

  it('is stopped when its time is over, and one that never left traffic stays there', () => {
    const over = { untilMs: 20_000 };
    const state = live(['a', 'b'], { isolations: [isolation('a', { ...over, stage: 'isolated' })] });
    const plan = planRollout(state);
    expect(plan.isolations).toMatchObject([{ stage: 'leaving' }]);
    expect(plan.sets).toMatchObject([{ stopFirst: ['a'] }]);
    const waiting = live(['a'], { isolations: [isolation('a', over)] });
    expect(planRollout(waiting).isolations).toEqual([]);
    expect(routed(planRollout(waiting), waiting)).toEqual(['a']);
  });

  it('gets traffic again only when it reproduces its golden set', () => {
    const returning = live(['b'], {
      replicas: [replica('a'), replica('b')],
      isolations: [isolation('a', { stage: 'returning', sinceMs: 3 })],
    });
    expect(neededReplays(returning)).toMatchObject([{ replicaId: 'a' }]);
    expect(routed(planRollout(returning), returning)).toEqual(['b']);
    const rejected = planRollout({ ...returning, rejections: [{ replicaId: 'a', golden, reason: 'outside' }] });
    expect(rejected.isolations).toMatchObject([{ stage: 'isolated', sinceMs: 3 }]);
    const admitted = { ...returning, admissions: new Map([...returning.admissions, ['a', golden]]) };
    expect(planRollout(admitted).isolations).toEqual([]);
  });

  it('moves no further once nothing is seen to move', () => {
    const moved = next(live(['a', 'b'], { isolations: [isolation('a')] }));
    const plan = planRollout(moved);
    expect([plan.isolations, plan.routing, plan.decisions]).toEqual([null, null, []]);
  });
});

describe('what may be asked', () => {
  const ask = { action: 'isolate', replicaId: 'a', reason: 'wrong', by: 'ada' } as const;

  it.each([
    ['an unknown one', { ...ask, replicaId: 'x' }, live(['a']), 'unknown-replica'],
    ['an ended one', ask, live([], { replicas: [replica('a', { state: 'failed' })] }), 'replica-ended'],
    ['one that drains', ask, live([], { replicas: [replica('a', { state: 'draining' })] }), 'replica-ended'],
    ['the return of one that is not isolated', { ...ask, action: 'return' }, live(['a']), 'not-isolated'],
    [
      'the stop of one that serves',
      { ...ask, action: 'stop' },
      live(['a'], { isolations: [isolation('a')] }),
      'not-isolated',
    ],
  ] as const)('%s is refused', (_what, asked, state, code) => {
    expect(askIsolation(state, asked)).toMatchObject({ refusal: { code } });
  });

  it.each([
    ['isolate', null, 'waiting', 'replica.isolation-asked', false],
    ['isolate', 'waiting', 'waiting', null, false],
    ['isolate', 'isolated', 'isolated', null, false],
    ['isolate', 'returning', 'isolated', 'replica.isolated', false],
    ['isolate', 'leaving', 'isolated', 'replica.isolated', false],
    ['return', 'waiting', null, 'replica.isolation-ended', false],
    ['return', 'isolated', 'returning', 'replica.returning', true],
    ['return', 'returning', 'returning', null, false],
    ['return', 'leaving', 'returning', 'replica.returning', true],
    ['stop', 'isolated', 'leaving', 'replica.isolation-ended', false],
    ['stop', 'leaving', 'leaving', null, false],
  ] as const)('%s, where it is %s, makes it %s', (action, stage, becomes, kind, forgets) => {
    const state = live(['a', 'b'], { isolations: stage === null ? [] : [isolation('a', { stage })] });
    const outcome = askIsolation(state, { ...ask, action });
    if ('refusal' in outcome) throw new Error(outcome.refusal.message);
    expect([outcome.isolation?.stage ?? null, outcome.event?.kind ?? null, outcome.forgetsAdmission]).toEqual([
      becomes,
      kind,
      forgets,
    ]);
  });

  it('the last one that serves is told to wait', () => {
    expect(askIsolation(live(['a']), ask)).toMatchObject({ event: { data: { waits: true } } });
    expect(askIsolation(live(['a', 'b']), ask)).toMatchObject({ event: { data: { waits: false } } });
  });
});
