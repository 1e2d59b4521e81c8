import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replayScaling } from '../../core/scaling/acting/scaling-record.ts';
import type { Policy } from '../../core/scaling/policy.ts';
import { readScalingRecord } from '../../schemas/scaling-record.ts';
import { reactivePolicy } from '../../testing/builders/scaling/reactive-policy.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { ScalingRig, scaledBetween } from '../../testing/rigs/scaling/scaling-rig.ts';

let rig: ScalingRig;
beforeEach(() => {
  rig = new ScalingRig();
  rig.policy = reactivePolicy(2);
});
afterEach(() => rig.stop());

const eventsOf = (kindPrefix: string) => rig.store.events({ service, environment, kindPrefix });
const observed = () => rig.machine.platform().observe({ service, environment }, new AbortController().signal);
const view = async () => (await rig.operations().view(service, environment)).scaling;

describe('scaling', () => {
  it('adds replicas under load and takes them away afterwards, with the reason of each', async () => {
    await rig.serve();
    expect(rig.running()).toBe(1);
    await rig.traffic(5, 6);
    expect(rig.running()).toBe(3);
    expect(rig.routed()).toHaveLength(3);
    await rig.traffic(12, 1);
    expect(rig.running()).toBe(1);
    expect(rig.routed()).toHaveLength(1);
    const decided = await eventsOf('scaling.decided');
    expect(decided.map(({ data }) => data['desired'])).toEqual([1, 3, 1]);
    expect(decided[1]).toMatchObject({
      summary: 'Release 1 is to have 3 replicas (before: 1): 6 requests at 2 each want 3',
      by: 'control-plane',
      data: { policy: { name: 'reactive' }, before: 1, ordered: 3, signals: { inFlight: 6 } },
    });
    const wanted = (await eventsOf('replicas.wanted')).find(({ seq }) => seq > (decided[1]?.seq ?? 0));
    expect(wanted?.summary).toContain('is to have 3 replicas (before: 1): release 1 is live, scaled to 3');
  });

  it('decides from what engines tell beside gateways, and counts no request twice', async () => {
    await rig.serve();
    const endpoint = (await observed())[0]?.endpoint;
    const memory = 'vllm:kv_cache_usage_perc 0.5';
    const exposition = `vllm:num_requests_waiting 4\nvllm:num_requests_running 2\n${memory}\n`;
    rig.metricsSource.show(endpoint ?? '', { exposition });
    await rig.traffic(5, 6);
    await rig.traffic(2, 8);
    expect((await eventsOf('scaling.decided')).at(-1)).toMatchObject({
      summary: 'Release 1 is to have 4 replicas (before: 3): 8 requests at 2 each want 4',
      data: { signals: { queueDepth: 4, inFlight: 4, acceleratorMemoryShare: 0.5 } },
    });
    const replicaId = (await observed())[0]?.replicaId;
    expect((await view())?.signals.replicas).toContainEqual({
      replicaId,
      queueDepth: 4,
      inFlight: 2,
      acceleratorMemoryShare: 0.5,
    });
    // The engine is away: it is not idle for that.
    rig.metricsSource.show(endpoint ?? '', { fault: 'unreachable' });
    await rig.traffic(4, 8);
    expect((await view())?.signals).toMatchObject({ queueDepth: 0, inFlight: 8, acceleratorMemoryShare: null });
    expect(rig.running()).toBe(4);
  });

  it('takes none away on the word of engines alone', async () => {
    await rig.serve();
    await rig.traffic(5, 6);
    await rig.traffic(9, 6);
    // Counted as well, so that the engine alone would tell that nothing arrives.
    const idle = 'vllm:num_requests_waiting 0\nvllm:num_requests_running 0\nvllm:request_success_total 7\n';
    for (const { endpoint } of await observed()) rig.metricsSource.show(endpoint ?? '', { exposition: idle });
    await rig.pass(30_000);
    expect((await view())?.signals).toMatchObject({
      queueDepth: 0,
      inFlight: 0,
      completionsPerSecond: 0,
      arrivalsPerSecond: null,
    });
    expect(rig.running()).toBe(3);
  });

  it('stops no replica before gateways have let go of it', async () => {
    await rig.serve();
    await rig.traffic(5, 6);
    const [kept, ...others] = rig.routed();
    const busy = others.map((replicaId) => ({ replicaId, inFlight: 1, requests: 1 }));
    await rig.traffic(10, 1, { replicas: busy });
    expect(rig.routed()).toEqual([kept]);
    expect(rig.machine.replicas()).toHaveLength(3);
    await rig.traffic(4, 1);
    expect(rig.machine.replicas().map(({ replicaId }) => replicaId)).toEqual([kept]);
  });

  it('keeps its number while nothing of the gateways is known, and says so once', async () => {
    await rig.serve();
    await rig.traffic(5, 6);
    await rig.pass(40_000);
    expect(rig.running()).toBe(3);
    const held = await eventsOf('scaling.held');
    expect(held.map(({ summary }) => summary)).toEqual([
      'The number of replicas stays at 3: what the gateways do is not known',
    ]);
    expect((await view())?.held).toBe('what the gateways do is not known');
  });

  it('takes none away where the rate of arrivals is unknown, as after a start of the gateway', async () => {
    await rig.serve();
    await rig.traffic(5, 6);
    for (let start = 2; start < 12; start += 1) await rig.traffic(1, 0, { startedAtMs: start });
    expect(rig.running()).toBe(3);
    await rig.traffic(10, 0, { startedAtMs: 11 });
    expect(rig.running()).toBe(1);
  });

  it('goes on with the number that is recorded after a kill, also where nothing more is known', async () => {
    await rig.serve();
    await rig.traffic(5, 6);
    await rig.crash();
    rig.scaling = { ...rig.scaling, capacity: null };
    await rig.start('host:boot:2:2');
    await rig.pass(20_000);
    expect(rig.running()).toBe(3);
    expect((await view())?.desired).toBe(3);
    expect((await eventsOf('scaling.held')).at(-1)?.summary).toContain('stays at 3: what one replica carries');
  });

  it('goes on with what the policy remembers after a kill', async () => {
    const counting: Policy<{ readonly asked: number }> = {
      name: 'counting',
      periodMs: 1_000,
      begin: () => ({ asked: 0 }),
      decide: (_input, { asked }) => ({
        decision: { desired: asked < 70 ? 1 : 2, reason: `asked ${asked} times`, terms: { asked } },
        state: { asked: asked + 1 },
      }),
    };
    rig.policy = counting;
    await rig.serve();
    await rig.traffic(50, 1);
    await rig.crash();
    await rig.start('host:boot:2:2');
    await rig.traffic(30, 1);
    // Asked about 60 times before: anew it would not have come to 70 yet.
    expect((await eventsOf('scaling.decided')).map(({ data }) => data['desired'])).toEqual([1, 2]);
  });

  it('orders nothing where another one writes the number, and still says what it would do', async () => {
    rig.scaling = { ...rig.scaling, actuator: 'keda' };
    await rig.serve();
    await rig.traffic(6, 6);
    expect(rig.running()).toBe(1);
    const decided = await eventsOf('scaling.decided');
    expect(decided.at(-1)).toMatchObject({ data: { desired: 3, ordered: null, before: 1 } });
    expect(decided.at(-1)?.summary).toContain('would have, if the actuator were not keda, 3 replicas');
    expect(await view()).toMatchObject({ actuator: 'keda', desired: 3, ordered: null, min: 1, max: 4 });
  });

  it('leaves the number as it is when the actuator becomes another one', async () => {
    await rig.serve();
    await rig.traffic(5, 6);
    rig.scaling = { ...rig.scaling, actuator: 'none' };
    await rig.traffic(30, 1);
    expect(rig.running()).toBe(3);
    expect(await view()).toMatchObject({ desired: 1, ordered: 3 });
  });

  it('does not ask the policy without a measured capacity, and says once what brings it', async () => {
    rig.scaling = { ...rig.scaling, capacity: null };
    await rig.serve();
    await rig.traffic(40, 8);
    expect(rig.running()).toBe(1);
    const held = await eventsOf('scaling.');
    expect(held.map(({ kind, summary }) => [kind, summary])).toEqual([
      [
        'scaling.held',
        'The number of replicas stays as the release began with: what one replica carries is not known, or no longer holds; next: plimsoll capacity',
      ],
    ]);
  });

  it('keeps its number where the evidence says that a replica carries nothing', async () => {
    await rig.serve();
    await rig.traffic(5, 6);
    const { capacity } = rig.scaling;
    rig.scaling = { ...rig.scaling, capacity: capacity === null ? null : { ...capacity, ratePerSecond: 0 } };
    await rig.traffic(40, 1);
    expect(rig.running()).toBe(3);
    expect((await view())?.held).toBe('by the capacity evidence a replica carries nothing; next: plimsoll capacity');
  });

  it('keeps what the policy remembers where the clock is set by seconds, and begins anew where it is set by hours', async () => {
    const asked: { readonly nowMs: number; readonly count: number }[] = [];
    rig.policy = {
      name: 'counting',
      periodMs: 1_000,
      begin: () => 0,
      decide: ({ nowMs }, count) => {
        asked.push({ nowMs, count: count as number });
        return { decision: { desired: 2, reason: 'two', terms: {} }, state: (count as number) + 1 };
      },
    };
    await rig.serve();
    for (const stepMs of [20_000, -40_000]) {
      rig.clock.stepTimeOfDay(stepMs);
      await rig.traffic(5, 1);
    }
    expect(asked.map(({ count }) => count)).toEqual(asked.map((_, index) => index));
    // Seconds of the day as they passed, moved by a tenth at most.
    const tookMs = asked.slice(1).map(({ nowMs }, index) => nowMs - (asked[index]?.nowMs ?? 0));
    expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(900);
    expect(Math.max(...tookMs)).toBeLessThanOrEqual(1_500);
    for (const stepMs of [7_200_000, -7_200_000]) {
      rig.clock.stepTimeOfDay(stepMs);
      await rig.traffic(5, 1);
      expect(asked.at(-1)?.count).toBeLessThan(8);
      expect(rig.running()).toBe(2);
    }
  });

  it('goes on serving when the policy breaks', async () => {
    await rig.serve();
    await rig.traffic(5, 6);
    Object.assign(rig.policy, { decide: () => ({ decision: { desired: NaN, reason: '', terms: {} }, state: null }) });
    await rig.traffic(15, 1);
    expect(rig.running()).toBe(3);
    expect(rig.controlPlane.health().healthy).toBe(true);
    expect((await eventsOf('scaling.held'))[0]?.summary).toContain('the policy reactive could not decide');
  });

  it('moves nothing where the release has one number of replicas', async () => {
    await rig.serve(scaledBetween(2, 2));
    await rig.traffic(5, 9);
    expect(rig.running()).toBe(2);
    expect(await eventsOf('scaling.')).toEqual([]);
    expect(await view()).toBeUndefined();
  });

  it('does not go up and down under a steady load, while replicas start late', async () => {
    rig.machine.behaviour = () => ({ kind: 'ready', afterMs: 5_000 });
    await rig.serve();
    await rig.traffic(60, 5);
    const decided = await eventsOf('scaling.decided');
    expect(decided.map(({ data }) => data['desired'])).toEqual([1, 3]);
  });
});

describe('zero', () => {
  const toZero = scaledBetween(0, 3);

  it('is not gone to without proof', async () => {
    await rig.serve(toZero);
    await rig.traffic(20, 0);
    expect(rig.running()).toBe(1);
  });

  it('is gone to with proof, holding requests all the while, and left for the first that waits', async () => {
    rig.scaling = { ...rig.scaling, zeroProven: true };
    await rig.start();
    await rig.release(1, toZero);
    const starting: boolean[] = [];
    for (let second = 0; second < 30; second += 1) {
      await rig.traffic(1, 0);
      const table = rig.service.routing();
      if (rig.routed().length === 0 && table?.splits.length === 1) starting.push(table.starting);
    }
    expect(rig.machine.replicas()).toEqual([]);
    expect(starting.length).toBeGreaterThan(3);
    expect(starting).not.toContain(false);

    rig.tell(0, { queueDepth: 1 });
    await rig.pass(250);
    expect(rig.running()).toBe(1);
    expect((await eventsOf('scaling.decided')).at(-1)?.data).toMatchObject({ before: 0, desired: 1 });
    await rig.pass(1_000);
    expect(rig.routed()).toHaveLength(1);
  });

  it('wakes for a request that waits, whatever the policy says', async () => {
    rig.scaling = { ...rig.scaling, zeroProven: true };
    rig.policy = {
      name: 'asleep',
      periodMs: 5_000,
      begin: () => null,
      decide: () => ({ decision: { desired: 0, reason: 'nothing is worth it', terms: {} }, state: null }),
    };
    await rig.start();
    await rig.release(1, toZero);
    await rig.traffic(30, 0);
    expect(rig.machine.replicas()).toEqual([]);
    rig.tell(0, { queueDepth: 2 });
    await rig.pass(250);
    expect(rig.running()).toBe(1);
    expect((await eventsOf('scaling.decided')).at(-1)?.summary).toContain('2 requests wait, which wakes');
  });

  it('is left when the proof no longer holds', async () => {
    rig.scaling = { ...rig.scaling, zeroProven: true };
    await rig.start();
    await rig.release(1, toZero);
    await rig.traffic(30, 0);
    expect(rig.machine.replicas()).toEqual([]);
    rig.scaling = { ...rig.scaling, zeroProven: false };
    await rig.traffic(15, 0);
    expect(rig.running()).toBe(1);
  });
});

describe('a record', () => {
  it('of every decision is decided again bit by bit, and of another policy is not', async () => {
    await rig.serve();
    for (const load of [6, 8, 1, 3]) await rig.traffic(8, load);
    const { decisions } = await rig.operations().scaling({ service, environment });
    expect(decisions.length).toBeGreaterThanOrEqual(4);
    for (const { seq, desired } of decisions) {
      const { record } = await rig.operations().scalingDecision({ service, environment, seq });
      expect(replayScaling(record, reactivePolicy(2))).toMatchObject({
        identical: true,
        decided: { order: { desired } },
      });
      expect(replayScaling(record, reactivePolicy(3)).identical).toBe(false);
    }
  });

  it('tells what the schedule of the contract expected, and is decided again by it', async () => {
    const when = { kind: 'weekly', weekdays: [0, 1, 2, 3, 4, 5, 6], fromMinute: 0, untilMinute: 1_440 } as const;
    rig.scaling = { ...rig.scaling, calendar: { zone: 'UTC', schedule: [{ when, zone: 'UTC', replicas: 2 }] } };
    const [reactive, expects] = [reactivePolicy(2), (replicas: number) => `the schedule states ${replicas}`];
    rig.policy = {
      ...reactive,
      decide: (input, state) => {
        const stated = input.ahead?.replicas ?? 0;
        return { decision: { desired: stated, reason: expects(stated), terms: {} }, state };
      },
    };
    await rig.serve();
    await rig.traffic(5, 1);
    const { decisions } = await rig.operations().scaling({ service, environment });
    const [last] = decisions.slice(-1);
    expect(last).toMatchObject({ desired: 2, reason: 'the schedule states 2' });
    const { record } = await rig.operations().scalingDecision({ service, environment, seq: last?.seq ?? 0 });
    expect(record.grounds.input.ahead).toEqual({ ratePerSecond: 0, why: 'schedule', replicas: 2 });
    expect(replayScaling(record, rig.policy).identical).toBe(true);
  });

  it('is kept in place each minute, so that the log of events does not grow while nothing changes', async () => {
    await rig.serve();
    const before = await rig.events();
    await rig.traffic(180, 1);
    const after = await rig.events();
    expect(after).toEqual(before);
    const stored = await rig.store.scalingMemory(service, environment);
    const record = readScalingRecord(stored ?? {});
    expect(rig.clock.nowMs() - (record?.grounds.input.nowMs ?? 0)).toBeLessThan(70_000);
  });
});
