import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readScalingRecord } from '../../../schemas/scaling-record.ts';
import { aLearned, tellingPolicy } from '../../../testing/builders/scaling/learned-builders.ts';
import { reactivePolicy } from '../../../testing/builders/scaling/reactive-policy.ts';
import type { Policy, PolicyInput } from '../policy.ts';
import { decideScaling } from './decide-scaling.ts';
import { replayScaling, type ScalingRecord } from './scaling-record.ts';
import { unknownSignals } from '../signals.ts';

const input = (inFlight: number): PolicyInput => ({
  nowMs: 1_700_000_000_000,
  signals: { ...unknownSignals(5), queueDepth: 0, inFlight, arrivalsPerSecond: 0.1 + 0.2 },
  replicas: [{ replicaId: 'a', state: 'ready', orderedAtMs: 1, readyAtMs: 2 }],
  starts: { timesMs: [30_000], shares: [1], failureShare: 0, starts: 0 },
  capacity: {
    curve: { kind: 'batch', batchMs: [3, 4], maxDelayMs: 0 },
    ratePerSecond: 10,
    concurrency: 2,
    serviceMs: 5,
    aloneLateShare: 0.001,
  },
  terms: {
    minReplicas: 1,
    maxReplicas: 9,
    toZero: false,
    warmPool: 0,
    latencyMs: 100,
    attainmentShare: 0.99,
    acceleratorSecondPrice: 1,
    lateRequestPrice: 1,
  },
});
const recordOf = (policy: Policy, inFlight: number): ScalingRecord => {
  const { grounds, decision, order } = decideScaling(policy, {
    input: input(inFlight),
    state: policy.begin(0),
    orderedBefore: 1,
  });
  const { name } = policy;
  return {
    recordVersion: 1,
    policy: { name, plimsollVersion: '0.0.0' },
    grounds,
    decision,
    order,
    ordered: order.desired,
    release: 1,
    decidedAtMs: 0,
  };
};
/** As a store gives it back: text in between, and keys in whatever order it likes. */
const stored = (record: ScalingRecord): ScalingRecord => {
  const turned = Object.fromEntries(Object.entries(record).reverse());
  const read = readScalingRecord(JSON.parse(JSON.stringify(turned)) as Record<string, unknown>);
  if (read === null) throw new Error('the record cannot be read');
  return read;
};

describe('a record of a decision', () => {
  test('comes out of a store whole, and is decided again the same, whatever was under way', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 40, noNaN: true }), fc.integer({ min: 1, max: 5 }), (inFlight, each) => {
        const policy = reactivePolicy(each);
        const record = recordOf(policy, inFlight);
        expect(stored(record)).toEqual(record);
        expect(replayScaling(stored(record), policy)).toMatchObject({ identical: true, differences: [] });
      }),
    );
  });

  test('keeps what was learned, work and answers of each replica, and is read without any of them', () => {
    const policy = tellingPolicy(2, () => aLearned({ trusted: false, distrustedSinceMs: 5 }));
    const replica = { replicaId: 'a', queueDepth: null, inFlight: 1, acceleratorMemoryShare: null };
    const signals = {
      ...input(1).signals,
      replicas: [{ ...replica, completionsPerSecond: 4, serviceMs: null }],
      work: { unit: 'tokens' as const, arrivedPerSecond: null, completedPerSecond: 900 },
    };
    const { grounds, decision, order } = decideScaling(policy, {
      input: { ...input(1), signals },
      state: policy.begin(0),
      orderedBefore: 1,
    });
    const record = { ...recordOf(policy, 1), grounds, decision, order, capacityDoubt: 'it carries half' };
    expect(stored(record)).toEqual(record);
    expect(replayScaling(stored(record), policy).identical).toBe(true);
    const { learned: _learned, ...earlier } = decision;
    const old = { ...recordOf(reactivePolicy(2), 1), decision: earlier };
    expect(stored(old)).toEqual(old);
  });

  test('keeps what it saw of spares', () => {
    const starts = { timesMs: [5_000], shares: [1], failureShare: 0, starts: 3 };
    const ofSpare = { replicaId: 'b', state: 'starting', orderedAtMs: 3, readyAtMs: null, ofSpare: true } as const;
    const seen = { ...input(1), replicas: [ofSpare], spares: { free: 2, found: 1, starts } };
    const policy: Policy = {
      ...reactivePolicy(2),
      decide: () => ({ decision: { desired: 2, leftToSpares: 1, reason: '', terms: {} }, state: null }),
    };
    const decided = decideScaling(policy, { input: seen, state: null, orderedBefore: 1 });
    const { grounds, decision, order } = decided;
    const record = { ...recordOf(policy, 1), grounds, decision, order };
    expect(record.grounds.input).toMatchObject({ replicas: [ofSpare], spares: { free: 2, found: 1 } });
    expect(stored(record)).toEqual(record);
  });

  test('names what another policy decides otherwise', () => {
    const { identical, differences } = replayScaling(recordOf(reactivePolicy(2), 8), reactivePolicy(4));
    expect(identical).toBe(false);
    expect(differences).toEqual([
      'decision.desired: recorded 4, replayed 2',
      'decision.reason: recorded "8 requests at 2 each want 4", replayed "8 requests at 4 each want 2"',
      'decision.terms.wanted: recorded 4, replayed 2',
      'order.desired: recorded 4, replayed 2',
      'order.reason: recorded "8 requests at 2 each want 4", replayed "8 requests at 4 each want 2"',
    ]);
  });

  test('says why where the policy cannot decide it any more', () => {
    const broken: Policy = {
      ...reactivePolicy(2),
      decide: () => {
        throw new Error('no such state');
      },
    };
    expect(replayScaling(recordOf(reactivePolicy(2), 8), broken)).toEqual({
      identical: false,
      differences: ['the policy could not decide it: no such state'],
      decided: null,
    });
  });

  test('that is not whole is not read', () => {
    const { grounds: _grounds, ...rest } = recordOf(reactivePolicy(2), 8);
    expect(readScalingRecord(rest)).toBeNull();
    expect(readScalingRecord({ ...recordOf(reactivePolicy(2), 8), recordVersion: 2 })).toBeNull();
  });

  test('shows a policy what a store would give back, so that it cannot decide on what is lost on the way', () => {
    const seen: unknown[] = [];
    const curious: Policy = {
      name: 'curious',
      periodMs: 1,
      begin: () => ({ minusZero: -0, gone: undefined, b: 1, a: 2 }),
      decide: (_input, state) => {
        seen.push(state);
        return { decision: { desired: 1, reason: '', terms: {} }, state };
      },
    };
    recordOf(curious, 1);
    expect(JSON.stringify(seen)).toBe('[{"a":2,"b":1,"minusZero":0}]');
    expect(Object.is((seen[0] as { minusZero: number }).minusZero, 0)).toBe(true);
  });

  test('that JSON cannot hold is no decision', () => {
    const endless: Policy = {
      name: 'endless',
      periodMs: 1,
      begin: () => null,
      decide: () => ({ decision: { desired: 1, reason: '', terms: {} }, state: { until: Infinity } }),
    };
    expect(() => recordOf(endless, 1)).toThrow('not a JSON number');
  });
});
