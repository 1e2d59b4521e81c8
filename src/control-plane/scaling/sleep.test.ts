import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SleepTarget } from '../../core/rollout/sleep/sleep-stage.ts';
import { replayScaling } from '../../core/scaling/acting/scaling-record.ts';
import type { Policy } from '../../core/scaling/policy.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaSleeper } from '../../ports/serving/replica-sleeper.ts';
import { readScalingRecord } from '../../schemas/scaling-record.ts';
import { reactivePolicy } from '../../testing/builders/scaling/reactive-policy.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { ScalingRig, scaledBetween } from '../../testing/rigs/scaling/scaling-rig.ts';

/** What servers do with the orders, as vLLM: one that sleeps still answers that it is healthy. */
class FakeServers implements ReplicaSleeper {
  readonly asleep = new Set<string>();
  /** Words of a server that refuses. */
  refuses: string | null = null;

  isAsleep = async ({ replicaId }: SleepTarget) => this.asleep.has(replicaId);
  sleep = async ({ replicaId }: SleepTarget) => {
    this.#mayRefuse();
    this.asleep.add(replicaId);
  };
  wake = async ({ replicaId }: SleepTarget) => {
    this.#mayRefuse();
    this.asleep.delete(replicaId);
  };

  #mayRefuse(): void {
    if (this.refuses === null) return;
    throw new PlimsollError({ code: 'sleep-refused', category: 'refused', message: this.refuses });
  }
}

/** As `reactivePolicy`, and lets two sleep. */
function sleepyPolicy(): Policy {
  const reactive = reactivePolicy(2);
  return {
    ...reactive,
    decide(input, state) {
      const answer = reactive.decide(input, state as ReturnType<typeof reactive.begin>);
      return { ...answer, decision: { ...answer.decision, asleep: 2 } };
    },
  };
}

const scaled = scaledBetween(1, 4);
const over = { ...scaled, contract: { scaling: { ...scaled.contract.scaling, sleep: { replicas: 2, wake: '5s' } } } };

let rig: ScalingRig;
let servers: FakeServers;
beforeEach(() => {
  rig = new ScalingRig();
  servers = new FakeServers();
  rig.policy = sleepyPolicy();
  rig.sleeper = servers;
  rig.scaling = { ...rig.scaling, sleep: { replicas: 2, wakeMs: 5_000, priceShare: 0.2 } };
});
afterEach(() => rig.stop());

const eventsOf = (kindPrefix: string) => rig.store.events({ service, environment, kindPrefix });
const stateOf = async () => {
  const { replicas } = await rig.operations().view(service, environment);
  return replicas.map(({ state }) => state).sort();
};

describe('replicas that sleep', () => {
  it('sleep when fewer are needed, and wake in place of a start', async () => {
    await rig.serve(over);
    await rig.traffic(8, 6);
    expect(rig.running()).toBe(3);
    const before = rig.routed();
    await rig.traffic(20, 1);
    expect(await stateOf()).toEqual(['asleep', 'asleep', 'ready']);
    expect([rig.routed().length, servers.asleep.size, rig.running()]).toEqual([1, 2, 3]);
    for (const id of servers.asleep) expect(rig.routed()).not.toContain(id);

    await rig.traffic(12, 6);
    expect(await stateOf()).toEqual(['ready', 'ready', 'ready']);
    expect(rig.routed().toSorted()).toEqual(before.toSorted());
    const woken = await eventsOf('replica.woken');
    expect(woken).toHaveLength(2);
    // It reproduced its golden set again before requests went to it.
    const admitted = await eventsOf('replica.admitted');
    for (const { data } of woken) {
      expect(admitted.filter((event) => event.data['replicaId'] === data['replicaId'])).toHaveLength(2);
    }
  });

  it('are found asleep by the next control plane, which wakes them by the recorded order', async () => {
    await rig.serve(over);
    await rig.traffic(8, 6);
    await rig.traffic(20, 1);
    const asleep = [...servers.asleep].sort();
    await rig.crash();
    await rig.start('host:boot:2:2');
    await rig.traffic(14, 1);
    expect(await stateOf()).toEqual(['asleep', 'asleep', 'ready']);
    expect([...servers.asleep].sort()).toEqual(asleep);
    expect(rig.routed()).toHaveLength(1);
    await rig.traffic(14, 6);
    expect(servers.asleep.size).toBe(0);
    expect(rig.routed()).toHaveLength(3);
  });

  it('are stopped where they refuse, and others start when they are needed', async () => {
    await rig.serve(over);
    await rig.traffic(8, 6);
    servers.refuses = 'no sleep mode here';
    await rig.traffic(20, 1);
    expect(rig.running()).toBe(1);
    expect((await eventsOf('replica.sleep-failed')).map(({ data }) => data['reason'])).toEqual([
      'no sleep mode here',
      'no sleep mode here',
    ]);
    await rig.traffic(12, 6);
    expect(rig.routed()).toHaveLength(3);
  });

  it('are seen by the policy, with the wake time that was measured, so that decisions can be replayed', async () => {
    await rig.serve(over);
    await rig.traffic(8, 6);
    await rig.traffic(20, 1);
    await rig.traffic(12, 6);
    await rig.traffic(20, 1);
    const { decisions } = await rig.operations().scaling({ service, environment });
    for (const { seq } of decisions) {
      const { record } = await rig.operations().scalingDecision({ service, environment, seq });
      expect(replayScaling(record, rig.policy)).toMatchObject({ identical: true });
    }
    const memory = readScalingRecord((await rig.store.scalingMemory(service, environment)) ?? {});
    expect(memory?.order).toMatchObject({ desired: 1, asleep: 2 });
    const measuredMs = memory?.grounds.input.terms.sleep?.wakeMs ?? Number.NaN;
    expect(measuredMs).toBeGreaterThan(0);
    expect(measuredMs).not.toBe(5_000);
  });
});
