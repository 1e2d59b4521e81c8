import { describe, expect, it } from 'vitest';
import { aDeployment, aReplica, aRelease, aRolloutState } from '../../../testing/builders/rollout-builders.ts';
import { planRollout } from './plan-rollout.ts';
import type { Release } from '../release.ts';
import type { RolloutPlan, RolloutState } from './rollout-state.ts';

const one = aRelease(1);
const two = aRelease(2);
const three = aRelease(3, {
  modelVersion: 1,
  cause: { kind: 'rollback', axis: 'model', from: 2, to: 1, reason: 'bad' },
});

const admitted = (...pairs: readonly (readonly [string, Release])[]) =>
  new Map(pairs.map(([id, release]) => [id, release.golden?.blob ?? null] as const));

/** The state after its plan was carried out. */
function after(state: RolloutState, plan: RolloutPlan): RolloutState {
  return {
    ...state,
    deployment:
      plan.deployment === null
        ? state.deployment
        : { ...plan.deployment, revision: (state.deployment?.revision ?? 0) + 1 },
    routing: plan.routing ?? state.routing,
  };
}
const setReleases = (plan: RolloutPlan) => plan.sets.map((set) => set.release);

/** Release 1 is live, release 2 comes in. */
function bringingIn(over: Partial<RolloutState> = {}): RolloutState {
  const live = aRolloutState({
    releases: [one],
    deployment: aDeployment({ live: 1 }),
    replicas: [aReplica(one)],
    admissions: admitted(['r-1-a', one]),
  });
  return {
    ...live,
    routing: planRollout(live).routing,
    releases: [one, two],
    deployment: aDeployment({ live: 1, incoming: 2, phase: 'starting', changedAtMs: 20_000 }),
    ...over,
  };
}

describe('a first release', () => {
  const state = aRolloutState({ releases: [one], deployment: aDeployment({ incoming: 1, phase: 'starting' }) });

  it('starts its replicas and has gateways hold requests meanwhile', () => {
    const plan = planRollout(state);
    expect(setReleases(plan)).toEqual([1]);
    expect(plan.routing).toMatchObject({ generation: 1, splits: [], starting: true });
    expect(plan.deployment).toBeNull();
  });

  it('is live when its replica is admitted, and not before', () => {
    const ready = { ...state, replicas: [aReplica(one)] };
    expect(planRollout(ready).deployment).toBeNull();
    const plan = planRollout({ ...ready, admissions: admitted(['r-1-a', one]) });
    expect(plan.deployment).toMatchObject({ live: 1, incoming: null, phase: 'live', previous: null });
    expect(plan.routing?.splits).toEqual([
      { release: 1, modelVersion: 1, share: 1, replicas: [{ replicaId: 'r-1-a', endpoint: 'http://127.0.0.1:11' }] },
    ]);
    expect(plan.decisions.map((decision) => decision.kind)).toEqual(['release.live', 'routing.changed']);
  });

  it('fails when its golden set is not reproduced: nothing serves, and its replicas go', () => {
    const rejections = [
      { replicaId: 'r-1-a', golden: one.golden?.blob ?? null, reason: 'input 7: y[0] is 1, expected 2' },
    ];
    const rejected = { ...state, replicas: [aReplica(one)], rejections };
    const plan = planRollout(rejected);
    expect(plan.deployment).toMatchObject({ live: null, incoming: null, phase: 'failed' });
    expect(plan.deployment?.reason).toContain('input 7: y[0] is 1, expected 2');
    expect(plan.sets).toEqual([]);
    expect(planRollout(after(rejected, plan)).routing).toBeNull();
  });

  it('waits for a control plane that was not there: the start timeout counts from when somebody looked', () => {
    const late = { ...state, nowMs: 1_000_000, observingSinceMs: 990_000 };
    expect(planRollout(late).deployment).toBeNull();
    expect(planRollout({ ...late, nowMs: 990_000 + 120_000 }).deployment?.phase).toBe('failed');
  });
});

describe('a release beside a live one', () => {
  it('starts beside it, and traffic stays where it was', () => {
    const plan = planRollout(bringingIn());
    expect(setReleases(plan)).toEqual([1, 2]);
    expect(plan.routing).toBeNull();
    expect(plan.decisions).toEqual([]);
  });

  it('flips in one generation when replicas.min are admitted, and keeps the previous one warm', () => {
    const pair = aRelease(2, { replicas: { min: 2, max: 2 } });
    const state = bringingIn({ releases: [one, pair] });
    const first = aReplica(pair);
    const second = aReplica(pair, { replicaId: 'r-2-b' });
    const half = {
      ...state,
      replicas: [aReplica(one), first, second],
      admissions: admitted(['r-1-a', one], ['r-2-a', pair]),
    };
    expect(planRollout(half).deployment).toBeNull();
    const plan = planRollout({ ...half, admissions: admitted(['r-1-a', one], ['r-2-a', pair], ['r-2-b', pair]) });
    expect(plan.routing?.generation).toBe((state.routing?.generation ?? 0) + 1);
    expect(plan.routing?.splits.map((split) => [split.release, split.replicas.length])).toEqual([[2, 2]]);
    expect(plan.deployment).toMatchObject({ live: 2, previous: { release: 1, untilMs: 80_000 } });
    expect(setReleases(plan)).toEqual([2, 1]);
  });

  it.each([
    [
      'its golden set is not reproduced',
      { rejections: [{ replicaId: 'r-2-a', golden: two.golden?.blob ?? null, reason: 'outside' }] },
      'outside',
    ],
    [
      'it is not ready in time',
      {
        nowMs: 20_000 + 120_000,
        replicas: [aReplica(one), aReplica(two, { state: 'starting', readyAtMs: null, reason: 'loading' })],
      },
      'loading',
    ],
    [
      'it starts over and over',
      {
        replicas: [
          aReplica(one),
          aReplica(two, {
            state: 'failed',
            readyAtMs: null,
            restarts: 5,
            reason: 'exit status 1 after 0.4 s: "no such file"; next start in 32 s',
          }),
        ],
      },
      /^release 2 failed: started 6 times without becoming ready: exit status 1 after 0.4 s: "no such file"$/,
    ],
  ])('fails when %s, and traffic stays where it was', (_why, over, word) => {
    const state = bringingIn({
      replicas: [aReplica(one), aReplica(two)],
      admissions: admitted(['r-1-a', one]),
      ...over,
    });
    const plan = planRollout(state);
    expect(plan.deployment).toMatchObject({ live: 1, incoming: null, phase: 'failed' });
    expect(plan.deployment?.reason).toMatch(word);
    expect(plan.decisions[0]).toMatchObject({ kind: 'release.failed' });
    expect((plan.routing ?? state.routing)?.splits.map((split) => split.release)).toEqual([1]);
  });

  it('waits for the end of a start that is tried once more, so that it can say how it ended', () => {
    const trying = aReplica(two, { state: 'starting', readyAtMs: null, restarts: 5, reason: 'process 7 is starting' });
    const plan = planRollout(bringingIn({ replicas: [aReplica(one), trying], admissions: admitted(['r-1-a', one]) }));
    expect(plan.deployment).toBeNull();
  });

  it('enters the first step, and says against what it is judged', () => {
    const stepped = aRelease(2, { steps: [0.05, 1] });
    const plan = planRollout(
      bringingIn({
        releases: [one, stepped],
        replicas: [aReplica(one), aReplica(stepped)],
        admissions: admitted(['r-1-a', one], ['r-2-a', stepped]),
      }),
    );
    expect(plan.decisions.map((decision) => decision.kind)).toEqual(['rollout.step-began', 'routing.changed']);
    expect(plan.deployment).toMatchObject({ live: 1, incoming: 2, phase: 'stepping', step: 0 });
    expect(plan.canary).toMatchObject({ change: 'begin', record: { release: 2, against: 1, step: 0 } });
    expect(plan.routing).toMatchObject({
      splits: [
        { release: 1, share: 0.95 },
        { release: 2, share: 0.05 },
      ],
      canary: { release: 2, against: 1, step: 0 },
    });
  });

  it('splits traffic while stepping, and gives the step back when the incoming one has nothing to serve it', () => {
    const stepped = aRelease(2, { steps: [0.05, 1] });
    const state = bringingIn({
      releases: [one, stepped],
      deployment: aDeployment({ live: 1, incoming: 2, phase: 'stepping' }),
      replicas: [aReplica(one), aReplica(stepped)],
      admissions: admitted(['r-1-a', one], ['r-2-a', stepped]),
    });
    expect(planRollout(state).routing?.splits.map((split) => split.share)).toEqual([0.95, 0.05]);
    const lost = planRollout({ ...state, replicas: [aReplica(one)] });
    expect((lost.routing ?? state.routing)?.splits.map((split) => split.share)).toEqual([1]);
  });
});

/** Release 2 has just gone live over release 1. */
function flipped(): RolloutState {
  const state = bringingIn({
    replicas: [aReplica(one), aReplica(two)],
    admissions: admitted(['r-1-a', one], ['r-2-a', two]),
  });
  return after(state, planRollout(state));
}

describe('the previous release', () => {
  it('is adopted by a rollback of its pair: nothing starts, one generation', () => {
    const state = flipped();
    const rollback = {
      ...state,
      releases: [one, two, three],
      deployment: {
        ...aDeployment(),
        ...state.deployment,
        incoming: 3,
        phase: 'starting' as const,
        changedAtMs: 21_000,
      },
      nowMs: 21_000,
    };
    const plan = planRollout(rollback);
    expect(plan.routing?.generation).toBe((state.routing?.generation ?? 0) + 1);
    expect(plan.routing?.splits).toMatchObject([{ release: 3, modelVersion: 1, replicas: [{ replicaId: 'r-1-a' }] }]);
    expect(plan.deployment).toMatchObject({ live: 3, previous: { release: 2 } });
    const before = planRollout(state).sets.map((set) => [set.set, set.release, set.replicas]);
    const now = plan.sets.map((set) => [set.set, set.release, set.replicas]);
    expect(now.sort()).toEqual(before.sort());
  });

  it('is let go in order: its time, then every gateway past its generation, then nothing in flight on it', () => {
    const generation = flipped().routing?.generation ?? 0;
    const gateway = (acknowledgedGeneration: number, inFlight: number) => [
      { gatewayId: 'g', acknowledgedGeneration, inFlight: new Map([['r-1-a', inFlight]]) },
    ];
    const expired = { ...flipped(), nowMs: 80_000, gateways: gateway(generation - 1, 0) };
    const over = planRollout(expired);
    expect(over.deployment?.previous).toBeNull();
    const behind = after(expired, over);
    const set = planRollout(behind).sets.find((candidate) => candidate.release === 1);
    expect(set?.reason).toContain('has not acknowledged');
    const busy = planRollout({ ...behind, gateways: gateway(generation, 2) });
    expect(busy.sets.find((candidate) => candidate.release === 1)?.reason).toContain('2 requests are in flight');
    expect(setReleases(planRollout({ ...behind, gateways: gateway(generation, 0) }))).toEqual([2]);
  });

  it('is not stopped by a control plane that has only just begun to listen, nor held for ever by one stream', () => {
    const state = after({ ...flipped(), nowMs: 80_000 }, planRollout({ ...flipped(), nowMs: 80_000 }));
    const fresh = { ...state, nowMs: 81_000, observingSinceMs: 80_000 };
    expect(setReleases(planRollout(fresh))).toEqual([2, 1]);
    const stream = {
      ...state,
      gateways: [{ gatewayId: 'g', acknowledgedGeneration: 99, inFlight: new Map([['r-1-a', 1]]) }],
      nowMs: 140_000,
    };
    const set = planRollout(stream).sets[1]?.set ?? '';
    expect(set).not.toBe('');
    expect(setReleases(planRollout({ ...stream, unwantedSinceMs: new Map([[set, 80_000]]) }))).toEqual([2]);
  });
});

describe('the same pair released again', () => {
  const again = aRelease(2, { modelVersion: 1, golden: { dataName: 'g', blob: `sha256:${'b'.repeat(64)}` } });
  const state = bringingIn({ releases: [one, again] });

  it('goes on serving while the new golden set is replayed on the same replicas', () => {
    const plan = planRollout(state);
    expect(plan.routing).toBeNull();
    expect(plan.deployment).toBeNull();
    expect(plan.sets).toHaveLength(1);
  });

  it('keeps no previous release of the very same pair', () => {
    const plan = planRollout({ ...state, admissions: admitted(['r-1-a', again]) });
    expect(plan.deployment).toMatchObject({ live: 2, previous: null });
  });
});

describe('a set that wants fewer replicas', () => {
  it('takes them out of the table first, and stops them when gateways have let go', () => {
    const many = aRelease(1, { replicas: { min: 1, max: 3 } });
    const state = aRolloutState({
      releases: [many],
      deployment: aDeployment({ live: 1 }),
      replicas: [aReplica(many), aReplica(many, { replicaId: 'r-1-b', startedAtMs: 5 })],
      admissions: admitted(['r-1-a', many], ['r-1-b', many]),
      gateways: [{ gatewayId: 'g', acknowledgedGeneration: 0, inFlight: new Map() }],
    });
    const plan = planRollout(state);
    expect(plan.routing?.splits[0]?.replicas.map((replica) => replica.replicaId)).toEqual(['r-1-a']);
    expect(plan.sets[0]).toMatchObject({ replicas: 2, stopFirst: ['r-1-b'] });
    const done = {
      ...after(state, plan),
      gateways: [{ gatewayId: 'g', acknowledgedGeneration: 1, inFlight: new Map() }],
    };
    expect(planRollout(done).sets[0]).toMatchObject({ replicas: 1, stopFirst: ['r-1-b'] });
  });
});

describe('requests are held', () => {
  const live = aRolloutState({
    releases: [one],
    deployment: aDeployment({ live: 1 }),
    admissions: admitted(['r-1-a', one]),
  });

  it('while a replica that died is on its way back, and not once it only crashes', () => {
    const back = planRollout({ ...live, replicas: [aReplica(one, { replicaId: 'r-1-b', state: 'starting' })] });
    expect(back.routing).toMatchObject({ starting: true, splits: [{ release: 1, share: 1, replicas: [] }] });
    const looping = planRollout({ ...live, replicas: [aReplica(one, { state: 'failed', restarts: 5 })] });
    expect(looping.routing).toMatchObject({ starting: false });
  });
});
