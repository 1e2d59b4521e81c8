import { describe, expect, it } from 'vitest';
import { aDeployment, aReplica, aRelease, aRolloutState } from '../../../testing/builders/rollout-builders.ts';
import { routingTableSchema } from '../../../schemas/gateway/routing.ts';
import { planRollout } from '../deployment/plan-rollout.ts';
import type { GatewayState, RolloutState } from '../deployment/rollout-state.ts';
import { gatewaysAstray } from './desired-routing.ts';

const one = aRelease(1);
const live = aRolloutState({
  releases: [one],
  deployment: aDeployment({ live: 1 }),
  replicas: [aReplica(one)],
  admissions: new Map([['r-1-a', one.golden?.blob ?? null]]),
});
const routing = planRollout(live).routing;
if (routing === null) throw new Error('something is routed');
const state = (gateways: readonly Partial<GatewayState>[]): RolloutState => ({
  ...live,
  nowMs: live.nowMs + 5_000,
  routing: { ...routing, generation: 4 },
  gateways: gateways.map((gateway, at) => ({
    gatewayId: `g${at}`,
    acknowledgedGeneration: 4,
    inFlight: new Map(),
    ...gateway,
  })),
});

describe('a store that was restored from an earlier time', () => {
  it('issues a generation beyond what gateways follow, though nothing else changed', () => {
    const plan = planRollout(state([{ acknowledgedGeneration: 7 }, { acknowledgedGeneration: 4 }]));
    expect(plan.routing).toMatchObject({ generation: 8, splits: routing.splits });
    expect(plan.decisions.map(({ kind, data }) => [kind, (data as { reason?: string }).reason])).toEqual([
      [
        'routing.changed',
        'gateway g0 follows a generation 7 that this store did not issue: the store was restored from an earlier time',
      ],
    ]);
  });

  it('notices another table of the same number', () => {
    expect(planRollout(state([{ acknowledgedIssuedAtMs: routing.issuedAtMs + 1 }])).routing?.generation).toBe(5);
    expect(planRollout(state([{ acknowledgedIssuedAtMs: routing.issuedAtMs }])).routing).toBeNull();
    // An older gateway does not say when.
    expect(planRollout(state([{}])).routing).toBeNull();
  });

  it('is not seen in gateways that are behind, or in one that has counted beyond all reason', () => {
    expect(gatewaysAstray(state([{ acknowledgedGeneration: 3 }, { acknowledgedGeneration: 0 }]))).toEqual([]);
    expect(gatewaysAstray(state([{ acknowledgedGeneration: Number.MAX_SAFE_INTEGER }]))).toEqual([]);
  });
});

describe('what is captured', () => {
  const capture = {
    ...{ sampleShare: 0.05, controlShare: 0.1, redact: ['email'] },
    ...{ content: true, retentionMs: 1000, maxBytes: 2 ** 20 },
  };

  it('is told by the live release, without names and without what is kept of it', () => {
    const watched = planRollout({ ...live, releases: [{ ...one, capture }] }).routing;
    const told = { sampleShare: 0.05, controlShare: 0.1, maxBodyBytes: 65_536, spoolBytes: 2 ** 20 };
    expect(watched?.capture).toEqual(told);
    expect(routingTableSchema.parse(JSON.parse(JSON.stringify(watched)))).toEqual(watched);
  });

  it('is nothing in the table of a release that asks for none', () => expect(routing).not.toHaveProperty('capture'));
});
