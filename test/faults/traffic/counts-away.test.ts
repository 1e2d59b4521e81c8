import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CanaryJudgement } from '../../../src/core/rollout/judge/canary.ts';
import type { RolloutAnswer } from '../../../src/schemas/http/release/http-rollout.ts';
import { Load } from '../../rigs/load.ts';
import { report } from '../../rigs/seeded.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';
import { World } from '../../rigs/world.ts';

/** A control plane that is away for some seconds in the middle of a step, under traffic whose every request is known. */
const [one, two] = [tinyModel(1), tinyModel(2)];
let world: World;
/** It stands in its first step until the test is over. */
let released: Promise<unknown> = Promise.resolve();

beforeAll(async () => {
  world = await World.open({ replicas: 1 });
  await world.release(one);
});
afterAll(async () => {
  await world.post('/v1/rollout/abort', { release: 2, reason: 'the test is over' });
  await released;
  await world.close();
});

const judged = async (): Promise<CanaryJudgement | null> => {
  const answer = await fetch(`${world.pageUrl}/v1/rollout`, { signal: AbortSignal.timeout(5_000) });
  return ((await answer.json()) as RolloutAnswer).rollout?.judgement ?? null;
};

/** Warm and cold units of both releases. */
async function unitsCounted(): Promise<number> {
  const judgement = await judged();
  const errors = judgement?.metrics.find(({ metric }) => metric === 'errors')?.units;
  const cold = judgement?.coldUnits;
  return (errors?.live ?? 0) + (errors?.canary ?? 0) + (cold?.live ?? 0) + (cold?.canary ?? 0);
}

it('each request is one unit, over a control plane that stands still for 7 s, is stopped and is killed', async () => {
  const judge = { errors: '10%', latency: { p50: '100%' }, atLeast: '15m', within: '30m' };
  const rollout = { steps: ['50%', '100%'], keepPrevious: '1m', judge };
  released = world.release(two, rollout).catch(() => undefined);
  await world.until('the step begins', async () => (await judged()) !== null);
  // A GET is no unit: all that is counted is from here on.
  await world.until('the new release answers its share', async () => {
    const answer = await fetch(`${world.gatewayUrl}/v2/models/tiny`);
    return answer.headers.get('plimsoll-release') === '2';
  });

  const load = new Load(world.gatewayUrl, [one, two]);
  const answered = async (more: number): Promise<void> => {
    const enough = load.answered + more;
    await world.until('the clients are answered', () => load.answered >= enough);
  };
  await answered(200);
  // Reports run into their time limit of 5 s; what they carried may be read afterwards, and is told again.
  const standing = world.programPid('control-plane') ?? 0;
  process.kill(standing, 'SIGSTOP');
  await delay(7_000);
  await answered(100);
  process.kill(standing, 'SIGCONT');
  await answered(200);
  // What it was told and had not recorded is told its successor again.
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    process.kill(world.programPid('control-plane') ?? 0, signal);
    await delay(3_000);
    await world.until('a control plane answers again', async () => (await world.tryView()) !== null);
    await answered(200);
  }
  await load.end();
  expect(load.failures).toEqual([]);

  const counted = world.until('all is counted', async () => (await unitsCounted()) >= load.answered, 20_000);
  await counted.catch(() => undefined);
  // And nothing comes twice, later.
  await delay(3_000);
  expect(await unitsCounted()).toBe(load.answered);
  report(
    `a control plane that stood still for 7 s, was stopped and was killed: ${load.answered} requests, as many units`,
  );
}, 300_000);
