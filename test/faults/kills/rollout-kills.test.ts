import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RolloutAnswer } from '../../../src/schemas/http/release/http-rollout.ts';
import { Load } from '../../rigs/load.ts';
import { report, rounds, seed, seededRandom } from '../../rigs/seeded.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';
import { killNow } from '../../rigs/running-up.ts';
import { World } from '../../rigs/world.ts';

/** A real canary on real traffic, and a control plane that is killed at random moments of it. */
const random = seededRandom(seed);
const killsOfStep = Math.max(3, Math.round(rounds / 4));
const [one, two] = [tinyModel(1), tinyModel(2)];
let world: World;
let load: Load;

beforeAll(async () => {
  world = await World.open({ replicas: 1 });
  await world.release(one);
  load = new Load(world.gatewayUrl, [one, two]);
});
afterAll(async () => {
  await load.end();
  await world.close();
});

const rollout = async (): Promise<RolloutAnswer | null> => {
  try {
    const answer = await fetch(`${world.pageUrl}/v1/rollout`, { signal: AbortSignal.timeout(5_000) });
    return answer.ok ? ((await answer.json()) as RolloutAnswer) : null;
  } catch {
    return null;
  }
};

const judge = { errors: '10%', latency: { p50: '100%' }, atLeast: '5s', within: '10m' };

it('kill -9 of the control plane during a canary: no request fails, and the steps go on where they were', async () => {
  const stepping = world.release(two, { steps: ['25%', '50%', '100%'], keepPrevious: '1m', judge });
  let problem: unknown = null;
  const settled = stepping.catch((thrown: unknown) => {
    problem = thrown;
  });
  let kills = 0;
  const kill = async (): Promise<void> => {
    await killNow(world.programPid('control-plane') ?? 0);
    kills += 1;
    await world.until('a control plane answers again', async () => (await world.tryView()) !== null);
  };
  for (const step of [0, 1]) {
    await world.until(`step ${step} begins`, async () => (await rollout())?.rollout?.step === step);
    const { startedAtMs } = (await rollout())?.rollout ?? {};
    let units = 0;
    for (let round = 0; round < killsOfStep; round += 1) {
      await delay(500 + random() * 4_000);
      await kill();
      const now = (await rollout())?.rollout;
      expect(now).toMatchObject({ release: 2, against: 1, step, startedAtMs });
      const seen = now?.judgement?.metrics[0]?.units.canary ?? 0;
      expect(seen).toBeGreaterThanOrEqual(units);
      units = seen;
    }
    expect(units).toBeGreaterThan(0);
    // An order that was answered is not lost with whoever took it.
    await world.post('/v1/rollout/promote', { release: 2, reason: 'the test goes on' });
    await kill();
  }
  await settled;
  if (problem !== null) throw problem as Error;
  const { failures, answered } = load.take();
  expect(failures).toEqual([]);
  const events = await world.events();
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  const steps = events.filter((event) => event.kind === 'rollout.step-began').map((event) => event.data['step']);
  expect(steps).toEqual([0, 1]);
  expect(events.filter((event) => event.kind === 'release.live').map((event) => event.data['release'])).toEqual([1, 2]);
  expect(world.integrity()).toEqual(['ok']);
  // Every unit is of a request that was answered: none was counted twice.
  const samples = (await rollout())?.samples ?? [];
  const counted = [0, 1].map((step) => {
    const units = samples.filter((sample) => sample.step === step).at(-1)?.judgement.metrics[0]?.units;
    return (units?.live ?? 0) + (units?.canary ?? 0);
  });
  expect(counted.reduce((sum, units) => sum + units, 0)).toBeLessThanOrEqual(answered);
  report(
    `control plane killed ${kills} times during a canary of two steps: ${answered} requests answered, 0 failed; ` +
      `${counted.join(' and ')} units judged, ${events.length} events in one sequence`,
  );
}, 900_000);

it('a model that answers otherwise goes back from the shadow by itself: no client ever saw an answer of it', async () => {
  const other = tinyModel(-1);
  const released = world.release(other, { steps: ['25%', '100%'], keepPrevious: '1m', shadow: '50%', judge });
  await expect(released).rejects.toThrow(/agreement/);
  expect(load.take().failures).toEqual([]);
  const view = await world.tryView();
  expect(view?.deployment).toMatchObject({ live: 2, incoming: null, phase: 'failed' });
  expect(view?.bars).toMatchObject([{ axis: 'model', digest: other.digest, by: 'control-plane' }]);
  const { samples = [] } = (await rollout()) ?? {};
  expect(samples.at(-1)).toMatchObject({ release: 3, step: -1, judgement: { outcome: 'roll-back' } });
}, 120_000);
