import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  aReplica,
  aRelease,
  aRolloutState,
  testEnvironment,
  testService,
} from '../../../testing/builders/rollout-builders.ts';
import { canaryOf } from '../judge/canary-step.ts';
import type { CanaryOutcome } from '../judge/canary.ts';
import { carryUnwanted } from './carry-unwanted.ts';
import { neededReplays } from './needed-replays.ts';
import { planRollout } from './plan-rollout.ts';
import type { ObservedReplica } from '../replica.ts';
import { rolloutBounds, type RolloutPlan, type RolloutState } from './rollout-state.ts';
import type { RoutingTable } from '../routing/routing.ts';

/** A small world around the decision: a platform that obeys, replicas that live and die, gateways that lag behind. */
class World {
  state: RolloutState = aRolloutState({ nowMs: 1_000_000, observingSinceMs: 0 });
  /** What each gateway routes by: the table it acknowledged last. */
  readonly tables = new Map<string, RoutingTable | null>([
    ['g1', null],
    ['g2', null],
  ]);
  #started = 0;

  release(modelVersion: number, min: number, keepPreviousMs: number, stepping: boolean): void {
    const { state } = this;
    const number = state.releases.length + 1;
    const release = aRelease(number, {
      modelVersion,
      replicas: { min, max: 3 },
      keepPreviousMs,
      steps: stepping ? [0.25, 0.5, 1] : [1],
      ...(stepping && number % 2 === 0 ? { canary: { ...canaryOf(aRelease(1)), shadowShare: 0.5 } } : {}),
      golden: { dataName: 'g', blob: `sha256:${String((number % 2) + modelVersion).repeat(64)}` },
    });
    const before = state.deployment;
    this.state = {
      ...state,
      releases: [...state.releases, release],
      canary: null,
      deployment: {
        service: testService,
        environment: testEnvironment,
        live: before?.live ?? null,
        incoming: number,
        phase: 'starting',
        step: 0,
        previous: before?.previous ?? null,
        reason: 'released',
        changedAtMs: state.nowMs,
        revision: (before?.revision ?? 0) + 1,
      },
    };
  }

  apply(plan: RolloutPlan): void {
    const { state } = this;
    this.state = {
      ...state,
      deployment:
        plan.deployment === null
          ? state.deployment
          : { ...plan.deployment, revision: (state.deployment?.revision ?? 0) + 1 },
      routing: plan.routing ?? state.routing,
      canary:
        plan.canary === null
          ? state.canary
          : plan.canary.change === 'end'
            ? null
            : { ...plan.canary.record, revision: 1 },
    };
  }

  judge(outcome: CanaryOutcome): void {
    const { canary, nowMs } = this.state;
    if (canary === null) return;
    const judgement = {
      outcome,
      atMs: nowMs,
      elapsedMs: 1,
      metrics: [],
      coldUnits: { live: 0, canary: 0 },
      reasons: ['r'],
    };
    this.state = { ...this.state, canary: { ...canary, judgement } };
  }

  /** The platform does what it is asked, at once; one that drains already counts no more. Returns the ids that it stopped. */
  obey(plan: RolloutPlan): readonly string[] {
    const stopped: string[] = [];
    let replicas = this.state.replicas.filter((replica) => replica.state !== 'failed' && replica.state !== 'draining');
    for (const set of plan.sets) {
      const own = replicas.filter((replica) => replica.set === set.set);
      const order = [...set.stopFirst, ...own.map((replica) => replica.replicaId)];
      const surplus = new Set(
        [...new Set(order)]
          .filter((id) => own.some((r) => r.replicaId === id))
          .slice(0, Math.max(0, own.length - set.replicas)),
      );
      stopped.push(...surplus);
      replicas = replicas.filter((replica) => !surplus.has(replica.replicaId));
      const release = this.state.releases.find((candidate) => candidate.number === set.release);
      for (let missing = set.replicas - own.length; missing > 0 && release !== undefined; missing -= 1) {
        this.#started += 1;
        replicas = [
          ...replicas,
          aReplica(release, { replicaId: `r${this.#started}`, state: 'starting', startedAtMs: this.#started }),
        ];
      }
    }
    const wanted = new Set(plan.sets.map((set) => set.set));
    stopped.push(...replicas.filter((replica) => !wanted.has(replica.set)).map((replica) => replica.replicaId));
    this.state = { ...this.state, replicas: replicas.filter((replica) => wanted.has(replica.set)) };
    return stopped;
  }

  change(pick: number, to: ObservedReplica['state']): void {
    const replicas = this.state.replicas.map((replica, index) =>
      index === pick % this.state.replicas.length ? { ...replica, state: to } : replica,
    );
    this.state = { ...this.state, replicas };
  }

  replay(pick: number, reproduced: boolean): void {
    const needed = neededReplays(this.state);
    const replay = needed[pick % Math.max(1, needed.length)];
    if (replay === undefined) return;
    if (reproduced) {
      const admissions = new Map([...this.state.admissions, [replay.replicaId, replay.golden] as const]);
      this.state = { ...this.state, admissions };
    } else {
      const rejection = { replicaId: replay.replicaId, golden: replay.golden, reason: 'outside' };
      this.state = { ...this.state, rejections: [...this.state.rejections, rejection] };
    }
  }

  acknowledge(gatewayId: string, inFlight: number): void {
    this.tables.set(gatewayId, this.state.routing);
    const routed = idsOf(this.state.routing);
    const gateways = [...this.tables].map(([id, table]) => ({
      gatewayId: id,
      acknowledgedGeneration: table?.generation ?? 0,
      inFlight: new Map(id === gatewayId ? routed.map((replica) => [replica, inFlight] as const) : []),
    }));
    this.state = { ...this.state, gateways };
  }

  pass(durationMs: number): void {
    this.state = { ...this.state, nowMs: this.state.nowMs + durationMs };
    this.state = { ...this.state, unwantedSinceMs: carryUnwanted(this.state.unwantedSinceMs, this.state) };
  }
}

function idsOf(table: RoutingTable | null): readonly string[] {
  return table?.splits.flatMap((split) => split.replicas.map((replica) => replica.replicaId)) ?? [];
}

type Step = (world: World) => void;
const natural = fc.nat({ max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>((world) => {
    world.state.replicas.forEach((_replica, index) => {
      world.change(index, 'ready');
    });
    for (let left = neededReplays(world.state).length; left > 0; left -= 1) world.replay(0, true);
  }),
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 2 }), fc.constantFrom(0, 10_000), fc.boolean())
    .map(([model, min, keep, stepping]): Step => (world) => {
      world.release(model, min, keep, stepping);
    }),
  natural.map((pick): Step => (world) => {
    world.change(pick, 'ready');
  }),
  natural.map((pick): Step => (world) => {
    world.change(pick, 'ready');
  }),
  fc.tuple(natural, fc.constantFrom('failed', 'draining', 'starting' as const)).map(([pick, to]): Step => (world) => {
    world.change(pick, to);
  }),
  fc.tuple(natural, fc.integer({ min: 0, max: 9 })).map(([pick, luck]): Step => (world) => {
    world.replay(pick, luck > 0);
  }),
  fc.tuple(natural, fc.integer({ min: 0, max: 9 })).map(([pick, luck]): Step => (world) => {
    world.replay(pick, luck > 0);
  }),
  fc.tuple(fc.constantFrom('g1', 'g2'), fc.nat({ max: 1 })).map(([gateway, inFlight]): Step => (world) => {
    world.acknowledge(gateway, inFlight);
  }),
  fc
    .constantFrom<CanaryOutcome>('promote', 'promote', 'hold', 'roll-back', 'inconclusive')
    .map((outcome): Step => (world) => {
      world.judge(outcome);
    }),
  fc.constantFrom(0, 1_000, 9_000).map((durationMs): Step => (world) => {
    world.pass(durationMs);
  }),
);

/** Told apart from the code under test on purpose. */
function servingIds(state: RolloutState): ReadonlySet<string> {
  return new Set(
    state.replicas
      .filter((replica) => replica.state === 'ready' && state.admissions.has(replica.replicaId))
      .map((replica) => replica.replicaId),
  );
}

function checkPlan(state: RolloutState, plan: RolloutPlan): void {
  const routing = plan.routing ?? state.routing;
  if (plan.routing !== null) expect(plan.routing.generation).toBe((state.routing?.generation ?? 0) + 1);
  const shares = routing?.splits.map((split) => split.share) ?? [];
  if (shares.length > 0) expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(shares.every((share) => share > 0)).toBe(true);

  const serving = servingIds(state);
  expect(idsOf(routing).filter((id) => !serving.has(id))).toEqual([]);

  const live = state.releases.find((release) => release.number === state.deployment?.live);
  const canServe = state.replicas.some((replica) => replica.pair === live?.pair && serving.has(replica.replicaId));
  if (canServe) expect(idsOf(routing)).not.toEqual([]);

  for (const decision of plan.decisions) {
    expect(decision.summary).not.toBe('');
    expect(String(('reason' in decision.data && decision.data.reason) || '')).not.toBe('');
  }
  for (const set of plan.sets) {
    expect(set.reason).not.toBe('');
    expect(set.replicas).toBeGreaterThan(0);
  }
  expect(new Set(plan.sets.map((set) => set.set)).size).toBe(plan.sets.length);
}

it('keeps its promises through any history of releases, deaths, replays and lagging gateways', () => {
  let flips = 0;
  let stepsBegun = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), (steps) => {
      const world = new World();
      world.acknowledge('g1', 0);
      for (const move of steps) {
        move(world);
        const state = world.state;
        const plan = planRollout(state);
        checkPlan(state, plan);
        world.apply(plan);

        const again = planRollout(world.state);
        expect({ deployment: again.deployment, routing: again.routing, decisions: again.decisions }).toEqual({
          deployment: null,
          routing: null,
          decisions: [],
        });
        expect(again.sets.map(({ reason: _reason, ...set }) => set)).toEqual(
          plan.sets.map(({ reason: _reason, ...set }) => set),
        );

        const used = new Set([...world.tables.values()].flatMap(idsOf));
        const serving = servingIds(state);
        const stopped = world.obey(plan);
        const waitedOut = [...state.unwantedSinceMs.values()].some(
          (since) => state.nowMs - since >= rolloutBounds.letGoMs,
        );
        if (!waitedOut) expect(stopped.filter((id) => used.has(id) && serving.has(id))).toEqual([]);
        world.pass(0);
        if (plan.decisions.some((decision) => decision.kind === 'release.live')) flips += 1;
        if (plan.decisions.some((decision) => decision.kind === 'rollout.step-began')) stepsBegun += 1;
      }
    }),
    { numRuns: 200 },
  );
  // Histories in which nothing ever happens would prove nothing.
  expect(flips).toBeGreaterThan(60);
  expect(stepsBegun).toBeGreaterThan(20);
});
