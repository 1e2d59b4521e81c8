import { beforeEach, describe, expect, it } from 'vitest';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { noScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import type { Policy, PolicyInput } from '../../core/scaling/policy.ts';
import { unknownSignals } from '../../core/scaling/signals.ts';
import {
  aDeployment,
  aReplica,
  aRelease,
  aRolloutState,
  testEnvironment as environment,
  testService as service,
} from '../../testing/builders/rollout-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { ScalingLoop } from '../scaling/scaling-loop.ts';
import type { SpareDesk } from './spare-board.ts';

const release = { ...aRelease(1), replicas: { min: 1, max: 5 } };
const measured = {
  ...noScalingFacts,
  objective: { latencyMs: 100, attainmentShare: 0.99 },
  capacity: {
    curve: { kind: 'slots' as const, slots: 2, speeds: [1, 1], meanWorkMs: 20 },
    ...{ ratePerSecond: 50, concurrency: 2, serviceMs: 20 },
  },
  prices: { acceleratorSecondPrice: 1, lateRequestPrice: 2 },
};

let clock: FakeClock;
let asked: number[];
let claimed: Parameters<SpareDesk['claim']>[0][];
let seen: PolicyInput[];

const policy: Policy<null> = {
  name: 'told',
  periodMs: 1_000,
  begin: () => null,
  decide: (input) => {
    seen.push(input);
    return { decision: { desired: 3, leftToSpares: 2, reason: 'the test', terms: {} }, state: null };
  },
};

function makeLoop(actuator: 'plimsoll' | 'none' = 'plimsoll'): ScalingLoop {
  const spares: SpareDesk = {
    ask: (away) => {
      asked.push(away);
      return { free: 2, found: 1 };
    },
    claim: (of) => void claimed.push(of),
  };
  return new ScalingLoop({
    ...{ service, environment, plimsollVersion: '0', policy, store: memoryStore(), clock, spares },
    signals: () => ({ ...unknownSignals(clock.nowMs()), queueDepth: 0, inFlight: 0, arrivalsPerSecond: 1 }),
    waiting: () => false,
    facts: () => ({ ...measured, actuator }),
    startsSoFar: () => null,
    ahead: () => null,
    wakeMs: () => null,
  });
}

const ofSpare = (replicaId: string, startedAtMs: number, tookMs: number): ObservedReplica =>
  aReplica(release, { replicaId, spare: `s-${replicaId}`, startedAtMs, readyAtMs: startedAtMs + tookMs });
const stateWith = (replicas: readonly ObservedReplica[]) =>
  aRolloutState({
    releases: [release],
    deployment: aDeployment({ live: 1 }),
    replicas,
    nowMs: clock.nowMs(),
  });

beforeEach(() => {
  clock = new FakeClock();
  [asked, claimed, seen] = [[], [], []];
});

describe('scaling with spares', () => {
  it('tells the policy nothing of them until three starts with one were seen', () => {
    const loop = makeLoop();
    const nowMs = clock.nowMs();
    loop.decide(stateWith([ofSpare('a', nowMs - 90_000, 5_000), ofSpare('b', nowMs - 80_000, 6_000)]));
    expect(seen[0]).not.toHaveProperty('spares');
  });

  it('tells it what is promised, by the starts that took one, and claims what it leaves and orders', () => {
    const loop = makeLoop();
    const nowMs = clock.nowMs();
    // Without a start that took none, one is stated to take 30 s: the last of these was taken less long ago.
    const replicas = [
      ofSpare('a', nowMs - 90_000, 5_000),
      ofSpare('b', nowMs - 80_000, 6_000),
      ofSpare('c', nowMs - 10_000, 4_000),
    ];
    loop.decide(stateWith(replicas));
    expect(seen[0]?.spares).toMatchObject({
      ...{ free: 2, found: 1 },
      starts: { timesMs: [4_000, 5_000, 6_000], failureShare: 0, starts: 3 },
    });
    expect(asked).toEqual([1]);
    expect(claimed).toEqual([{ left: 2, ordered: 2 }]);
  });

  it('claims nothing where another one sets the number', () => {
    makeLoop('none').decide(stateWith([]));
    expect(seen).toHaveLength(1);
    expect(claimed).toEqual([]);
  });
});
