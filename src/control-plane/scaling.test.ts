import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replayScaling } from '../core/scaling/acting/scaling-record.ts';
import type { Policy } from '../core/scaling/policy.ts';
import type { GatewayReport } from '../schemas/gateway-report.ts';
import { readScalingRecord } from '../schemas/scaling-record.ts';
import { ControlPlaneRig } from '../testing/control-plane-rig.ts';
import { aGatewayReport } from '../testing/gateway-reports.ts';
import { reactivePolicy } from '../testing/reactive-policy.ts';
import { aReleaseRequest } from '../testing/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../testing/rollout-builders.ts';

let rig: ControlPlaneRig;
let arrivals = 0;
beforeEach(() => {
  rig = new ControlPlaneRig();
  rig.policy = reactivePolicy(2);
  rig.scaling = {
    ...rig.scaling,
    objective: { latencyMs: 100, attainmentShare: 0.99 },
    capacity: {
      curve: { kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs: 20 },
      ratePerSecond: 50,
      concurrency: 2,
      serviceMs: 20,
    },
    prices: { acceleratorSecondPrice: 1, lateRequestPrice: 2 },
  };
  arrivals = 0;
});
afterEach(() => rig.stop());

const release = async (model: number, over: Parameters<typeof aReleaseRequest>[2] = {}) =>
  rig.operations().release(await aReleaseRequest(rig.blobs, model, { replicas: { min: 1, max: 4 }, ...over }));
const running = () => rig.machine.replicas().filter(({ drainingSinceMs }) => drainingSinceMs === null).length;
const routed = () =>
  rig.controlPlane.routing()?.splits.flatMap((split) => split.replicas.map((each) => each.replicaId)) ?? [];
const eventsOf = (kindPrefix: string) => rig.store.events({ service, environment, kindPrefix });
const view = async () => (await rig.operations().view(service, environment)).scaling;

const tell = (inFlight: number, over: Partial<GatewayReport> = {}): void => {
  arrivals += inFlight;
  rig.controlPlane.gatewayReported(
    aGatewayReport(
      rig.clock.nowMs(),
      { arrivals, completions: arrivals },
      { inFlight, acknowledgedGeneration: rig.controlPlane.routing()?.generation ?? 0, ...over },
    ),
  );
};
/** Seconds of traffic with so many requests under way; a gateway reports once in each. */
const traffic = async (seconds: number, inFlight: number, over: Partial<GatewayReport> = {}): Promise<void> => {
  for (let second = 0; second < seconds; second += 1) {
    tell(inFlight, over);
    await rig.pass(1_000);
  }
};
const serve = async (over: Parameters<typeof aReleaseRequest>[2] = {}): Promise<void> => {
  await rig.start();
  await release(1, over);
  await traffic(14, 0);
};

describe('scaling', () => {
  it('adds replicas under load and takes them away afterwards, with the reason of each', async () => {
    await serve();
    expect(running()).toBe(1);
    await traffic(5, 6);
    expect(running()).toBe(3);
    expect(routed()).toHaveLength(3);
    await traffic(12, 1);
    expect(running()).toBe(1);
    expect(routed()).toHaveLength(1);
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

  it('stops no replica before gateways have let go of it', async () => {
    await serve();
    await traffic(5, 6);
    const [kept, ...others] = routed();
    const busy = others.map((replicaId) => ({ replicaId, inFlight: 1, requests: 1 }));
    await traffic(10, 1, { replicas: busy });
    expect(routed()).toEqual([kept]);
    expect(rig.machine.replicas()).toHaveLength(3);
    await traffic(4, 1);
    expect(rig.machine.replicas().map(({ replicaId }) => replicaId)).toEqual([kept]);
  });

  it('keeps its number while nothing of the gateways is known, and says so once', async () => {
    await serve();
    await traffic(5, 6);
    await rig.pass(40_000);
    expect(running()).toBe(3);
    const held = await eventsOf('scaling.held');
    expect(held.map(({ summary }) => summary)).toEqual([
      'The number of replicas stays at 3: what the gateways do is not known',
    ]);
    expect((await view())?.held).toBe('what the gateways do is not known');
  });

  it('takes none away where the rate of arrivals is unknown, as after a start of the gateway', async () => {
    await serve();
    await traffic(5, 6);
    for (let start = 2; start < 12; start += 1) await traffic(1, 0, { startedAtMs: start });
    expect(running()).toBe(3);
    await traffic(10, 0, { startedAtMs: 11 });
    expect(running()).toBe(1);
  });

  it('goes on with the number that is recorded after a kill, also where nothing more is known', async () => {
    await serve();
    await traffic(5, 6);
    await rig.crash();
    rig.scaling = { ...rig.scaling, capacity: null };
    await rig.start('host:boot:2:2');
    await rig.pass(20_000);
    expect(running()).toBe(3);
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
    await serve();
    await traffic(50, 1);
    await rig.crash();
    await rig.start('host:boot:2:2');
    await traffic(30, 1);
    // Asked about 60 times before: anew it would not have come to 70 yet.
    expect((await eventsOf('scaling.decided')).map(({ data }) => data['desired'])).toEqual([1, 2]);
  });

  it('orders nothing where another one writes the number, and still says what it would do', async () => {
    rig.scaling = { ...rig.scaling, actuator: 'keda' };
    await serve();
    await traffic(6, 6);
    expect(running()).toBe(1);
    const decided = await eventsOf('scaling.decided');
    expect(decided.at(-1)).toMatchObject({ data: { desired: 3, ordered: null, before: 1 } });
    expect(decided.at(-1)?.summary).toContain('would have, if the actuator were not keda, 3 replicas');
    expect(await view()).toMatchObject({ actuator: 'keda', desired: 3, ordered: null, min: 1, max: 4 });
  });

  it('leaves the number as it is when the actuator becomes another one', async () => {
    await serve();
    await traffic(5, 6);
    rig.scaling = { ...rig.scaling, actuator: 'none' };
    await traffic(30, 1);
    expect(running()).toBe(3);
    expect(await view()).toMatchObject({ desired: 1, ordered: 3 });
  });

  it('does not ask the policy without a measured capacity, and says once what brings it', async () => {
    rig.scaling = { ...rig.scaling, capacity: null };
    await serve();
    await traffic(40, 8);
    expect(running()).toBe(1);
    const held = await eventsOf('scaling.');
    expect(held.map(({ kind, summary }) => [kind, summary])).toEqual([
      [
        'scaling.held',
        'The number of replicas stays as the release began with: what one replica carries is not known, or no longer holds; next: plimsoll capacity',
      ],
    ]);
  });

  it('goes on serving when the policy breaks', async () => {
    await serve();
    await traffic(5, 6);
    Object.assign(rig.policy, { decide: () => ({ decision: { desired: NaN, reason: '', terms: {} }, state: null }) });
    await traffic(15, 1);
    expect(running()).toBe(3);
    expect(rig.controlPlane.health().healthy).toBe(true);
    expect((await eventsOf('scaling.held'))[0]?.summary).toContain('the policy reactive could not decide');
  });

  it('moves nothing where the release has one number of replicas', async () => {
    await serve({ replicas: { min: 2, max: 2 } });
    await traffic(5, 9);
    expect(running()).toBe(2);
    expect(await eventsOf('scaling.')).toEqual([]);
    expect(await view()).toBeUndefined();
  });

  it('does not go up and down under a steady load, while replicas start late', async () => {
    rig.machine.behaviour = () => ({ kind: 'ready', afterMs: 5_000 });
    await serve();
    await traffic(60, 5);
    const decided = await eventsOf('scaling.decided');
    expect(decided.map(({ data }) => data['desired'])).toEqual([1, 3]);
  });
});

describe('zero', () => {
  const toZero = { replicas: { min: 0, max: 3 } };

  it('is not gone to without proof', async () => {
    await serve(toZero);
    await traffic(20, 0);
    expect(running()).toBe(1);
  });

  it('is gone to with proof, holding requests all the while, and left for the first that waits', async () => {
    rig.scaling = { ...rig.scaling, zeroProven: true };
    await rig.start();
    await release(1, toZero);
    const starting: boolean[] = [];
    for (let second = 0; second < 30; second += 1) {
      await traffic(1, 0);
      const table = rig.controlPlane.routing();
      if (routed().length === 0 && table?.splits.length === 1) starting.push(table.starting);
    }
    expect(rig.machine.replicas()).toEqual([]);
    expect(starting.length).toBeGreaterThan(3);
    expect(starting).not.toContain(false);

    tell(0, { queueDepth: 1 });
    await rig.pass(250);
    expect(running()).toBe(1);
    expect((await eventsOf('scaling.decided')).at(-1)?.data).toMatchObject({ before: 0, desired: 1 });
    await rig.pass(1_000);
    expect(routed()).toHaveLength(1);
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
    await release(1, toZero);
    await traffic(30, 0);
    expect(rig.machine.replicas()).toEqual([]);
    tell(0, { queueDepth: 2 });
    await rig.pass(250);
    expect(running()).toBe(1);
    expect((await eventsOf('scaling.decided')).at(-1)?.summary).toContain('2 requests wait, which wakes');
  });

  it('is left when the proof no longer holds', async () => {
    rig.scaling = { ...rig.scaling, zeroProven: true };
    await rig.start();
    await release(1, toZero);
    await traffic(30, 0);
    expect(rig.machine.replicas()).toEqual([]);
    rig.scaling = { ...rig.scaling, zeroProven: false };
    await traffic(15, 0);
    expect(running()).toBe(1);
  });
});

describe('a record', () => {
  it('of every decision is decided again bit by bit, and of another policy is not', async () => {
    await serve();
    for (const load of [6, 8, 1, 3]) await traffic(8, load);
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

  it('is kept in place each minute, so that the log of events does not grow while nothing changes', async () => {
    await serve();
    const before = await rig.events();
    await traffic(180, 1);
    const after = await rig.events();
    expect(after).toEqual(before);
    const stored = await rig.store.scalingMemory(service, environment);
    const record = readScalingRecord(stored ?? {});
    expect(rig.clock.nowMs() - (record?.grounds.input.nowMs ?? 0)).toBeLessThan(70_000);
  });
});
