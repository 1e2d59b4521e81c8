import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  aCode,
  aDeployment,
  aModel,
  aReplica,
  aRelease,
  aRolloutState,
} from '../../testing/builders/rollout-builders.ts';
import type { CanaryOutcome } from './judge/canary.ts';
import { planRollout } from './deployment/plan-rollout.ts';
import type { Axis } from './release.ts';
import type { RolloutPlan, RolloutState } from './deployment/rollout-state.ts';
import type { RoutingTable } from './routing/routing.ts';

const verdict = fc.constantFrom<CanaryOutcome>('promote', 'promote', 'roll-back');
const rollout = fc.record({
  axis: fc.constantFrom<Axis>('code', 'model'),
  verdicts: fc.array(verdict, { minLength: 3, maxLength: 3 }),
});

function after(state: RolloutState, plan: RolloutPlan): RolloutState {
  const canary =
    plan.canary === null ? state.canary : plan.canary.change === 'end' ? null : { ...plan.canary.record, revision: 1 };
  return {
    ...state,
    canary,
    deployment: plan.deployment === null ? state.deployment : { ...plan.deployment, revision: 1 },
    routing: plan.routing ?? state.routing,
    nowMs: state.nowMs + 1_000,
  };
}

/** Every pair that was ever released runs and is admitted, so that nothing but releases and verdicts moves anything. */
function withReplicas(state: RolloutState): RolloutState {
  const first = state.releases.filter((one, index, all) => all.findIndex(({ pair }) => pair === one.pair) === index);
  const replicas = first.map((one) => aReplica(one));
  return {
    ...state,
    replicas,
    admissions: new Map(first.map((one) => [`r-${one.number}-a`, one.golden?.blob ?? null])),
  };
}

const content = ({ generation: _g, issuedAtMs: _i, ...table }: RoutingTable): string => JSON.stringify(table);

it('a rollout of one axis never moves the other, and one that fails leaves the table byte for byte as it was', () => {
  let failed = 0;
  let promoted = 0;
  fc.assert(
    fc.property(fc.array(rollout, { minLength: 1, maxLength: 8 }), (rollouts) => {
      const one = aRelease(1, { code: aCode('0'), model: aModel(1) });
      let state = withReplicas(aRolloutState({ releases: [one], deployment: aDeployment({ live: 1 }) }));
      state = after(state, planRollout(state));
      rollouts.forEach(({ axis, verdicts }, index) => {
        const live = state.releases.find(({ number }) => number === state.deployment?.live) ?? one;
        const before = state.routing;
        const number = state.releases.length + 1;
        const incoming = aRelease(number, {
          code: axis === 'code' ? aCode(`${index + 1}`) : live.code,
          model: axis === 'model' ? aModel(index + 2) : live.model,
          golden: live.golden,
          steps: [0.1, 0.5, 1],
          keepPreviousMs: 0,
        });
        const deployment = { ...aDeployment({ live: live.number, incoming: number, phase: 'starting' }) };
        state = withReplicas({ ...state, releases: [...state.releases, incoming], deployment });
        const bars: RolloutPlan['bars'][number][] = [];
        for (const outcome of [null, ...verdicts]) {
          if (outcome !== null && state.canary !== null) {
            const judgement = {
              outcome,
              atMs: 0,
              elapsedMs: 0,
              metrics: [],
              coldUnits: { live: 0, canary: 0 },
              reasons: [],
            };
            state = { ...state, canary: { ...state.canary, judgement } };
          }
          const plan = planRollout(state);
          bars.push(...plan.bars);
          state = after(state, plan);
          const shares = state.routing?.splits.map(({ share }) => share) ?? [];
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
        }
        const now = state.releases.find((release) => release.number === state.deployment?.live);
        const other = axis === 'code' ? 'model' : 'code';
        expect(now?.[other].digest).toBe(live[other].digest);
        expect(state.deployment?.incoming).toBeNull();
        expect(state.canary).toBeNull();
        if (verdicts.slice(0, 2).includes('roll-back')) {
          failed += 1;
          expect(now).toBe(live);
          expect(bars.map((bar) => [bar.axis, bar.digest])).toEqual([[axis, incoming[axis].digest]]);
          expect(before === null || state.routing === null ? '' : content(state.routing)).toBe(
            before === null ? '' : content(before),
          );
        } else {
          promoted += 1;
          expect(now).toBe(incoming);
          expect(bars).toEqual([]);
        }
      });
    }),
    { numRuns: 100 },
  );
  expect(Math.min(failed, promoted)).toBeGreaterThan(20);
});
