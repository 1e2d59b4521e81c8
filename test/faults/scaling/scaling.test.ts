import { afterEach, expect, it } from 'vitest';
import { replayScaling } from '../../../src/core/scaling/acting/scaling-record.ts';
import type { ScalingFacts } from '../../../src/core/scaling/acting/scaling-facts.ts';
import type { Policy } from '../../../src/core/scaling/policy.ts';
import {
  testEnvironment as environment,
  testService as service,
} from '../../../src/testing/builders/rollout-builders.ts';
import { ScalingWorld, type WorldRelease } from '../../../src/testing/rigs/scaling/scaling-world.ts';
import { Load } from '../../rigs/load.ts';

import { report } from '../../rigs/seeded.ts';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';

/** Replicas by the rate of arrivals, fewer only when that was wanted twice: it reacts within seconds. */
const byArrivals = (requestsEach: number): Policy<{ readonly fewer: number }> => ({
  name: 'by-arrivals',
  periodMs: 1_000,
  begin: () => ({ fewer: 0 }),
  decide({ signals, replicas, terms }, { fewer }) {
    const present = replicas.filter(({ state }) => state !== 'draining').length;
    const rate = signals.arrivalsPerSecond;
    const least = terms.toZero ? terms.minReplicas : Math.max(1, terms.minReplicas);
    const load = rate === null ? present : Math.ceil(rate / requestsEach);
    const wanted = Math.min(terms.maxReplicas, Math.max(least, load));
    const lasts = wanted < present ? fewer + 1 : 0;
    const desired = wanted < present && lasts < 2 ? present : wanted;
    return {
      decision: { desired, reason: `${rate} requests/s want ${wanted}`, terms: { rate } },
      state: { fewer: lasts },
    };
  },
});
const facts = (zeroProven: boolean): ScalingFacts => ({
  actuator: 'plimsoll',
  warmPool: 0,
  zeroProven,
  objective: { latencyMs: 200, attainmentShare: 0.99 },
  starts: null,
  capacity: {
    curve: { kind: 'slots', slots: 1, speeds: [1], meanWorkMs: 5 },
    ratePerSecond: 100,
    concurrency: 1,
    serviceMs: 5,
  },
  prices: { acceleratorSecondPrice: 1, lateRequestPrice: 1 },
});
const model = tinyModel(1);
const released = (replicas: WorldRelease['replicas']): WorldRelease => {
  const { name, digest, file, signature, bytes } = model;
  return {
    model: { name, version: 1, digest, format: 'onnx', files: [file], signature },
    bytes,
    golden: model.golden(),
    replicas,
  };
};
let world: ScalingWorld;
let load: Load | null = null;
afterEach(async () => {
  await load?.end();
  load = null;
  await world.close();
});
const wantedCounts = async (): Promise<readonly unknown[]> => {
  const decided = await world.store.events({ service, environment, kindPrefix: 'scaling.decided' });
  return decided.map(({ data }) => data['desired']);
};
const takesOver = async (what: string): Promise<void> => {
  await world.replaceControlPlane();
  await world.until(what, () => world.routed().length === 3);
};

it('goes to the maximum under load and back, over the end of its control plane, without a failed request', async () => {
  const policy = byArrivals(60);
  world = await ScalingWorld.open({ policy, facts: facts(false) });
  await world.release(released({ min: 1, max: 3 }));
  await world.until('the first replica serves', () => world.routed().length === 1);
  await world.until('one is decided to be enough', async () => (await wantedCounts()).length === 1);

  const light = new Load(world.gatewayUrl, [model], 1);
  load = light;
  const heavy = new Load(world.gatewayUrl, [model], 16);
  await world.until('three replicas serve', () => world.routed().length === 3);
  await takesOver('the next control plane adopts all three');
  expect(world.processes()).toBe(3);
  await heavy.end();
  await light.end();
  const quiet = new Load(world.gatewayUrl, [model], 1);
  load = quiet;
  await world.until('one replica is left', () => world.routed().length <= 2 && world.processes() < 3);
  await quiet.end();
  load = null;
  await world.until('one replica is left', () => world.routed().length === 1 && world.processes() === 1);

  const failures = [heavy, light, quiet].flatMap((each) => each.failures.map(({ what }) => what));
  expect(failures).toEqual([]);
  const { decisions } = await world.operations.scaling({ service, environment });
  for (const { seq } of decisions) {
    const { record } = await world.operations.scalingDecision({ service, environment, seq });
    expect(replayScaling(record, policy)).toMatchObject({ identical: true });
  }
  const counts = await wantedCounts();
  expect(counts[0]).toBe(1);
  expect(counts).toContain(3);
  expect(counts.at(-1)).toBe(1);
  report(`scaling ${counts.join(' -> ')}: ${heavy.answered + light.answered + quiet.answered} answered, none failed`);
});

it('stops the last replica where that is proven, and starts one for the request that then comes', async () => {
  world = await ScalingWorld.open({ policy: byArrivals(60), facts: facts(true) });
  await world.release(released({ min: 0, max: 2 }));
  await world.until('the first replica serves', () => world.routed().length === 1);
  await world.until('none is left', () => world.routed().length === 0 && world.processes() === 0);

  const x = rowOf(3);
  const sentMs = performance.now();
  const answer = await fetch(`${world.gatewayUrl}/v2/models/tiny/infer`, { method: 'POST', body: inferBody(x) });
  const { outputs } = (await answer.json()) as { readonly outputs: readonly { readonly data: readonly number[] }[] };
  expect([answer.status, outputs[0]?.data]).toEqual([200, model.answer(x)]);
  const tookMs = performance.now() - sentMs;
  expect((await wantedCounts()).slice(-2)).toEqual([0, 1]);
  report(`scaling: a request that came to zero replicas was answered after ${Math.round(tookMs)} ms`);
});
