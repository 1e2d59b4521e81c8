import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { scaleCapacity } from '../../../src/core/capacity/scale-capacity.ts';
import type { ReplicaCapacity } from '../../../src/core/capacity/service-curve.ts';
import type { ScalingFacts } from '../../../src/core/scaling/acting/scaling-facts.ts';
import { learningPolicy } from '../../../src/testing/builders/scaling/learning-policy.ts';
import {
  testEnvironment as environment,
  testService as service,
} from '../../../src/testing/builders/rollout-builders.ts';
import { pacedRelease } from '../../../src/testing/rigs/paced-release.ts';
import { ScalingWorld } from '../../../src/testing/rigs/scaling/scaling-world.ts';

const slots = 4;
const workMs = 400;
/** What a replica really is: four requests at once of 400 ms, so that it carries 10 a second. */
const words = ['--curve', `slots:${slots},${workMs}ms`, '--start', '300ms'];
const real: ReplicaCapacity = {
  curve: { kind: 'slots', slots, speeds: Array<number>(slots).fill(1), meanWorkMs: workMs },
  ratePerSecond: 9,
  concurrency: slots,
  serviceMs: workMs,
};
const facts: ScalingFacts = {
  actuator: 'plimsoll',
  warmPool: 0,
  zeroProven: false,
  objective: { latencyMs: 2_000, attainmentShare: 0.95 },
  starts: { timesMs: [1_000], shares: [1], failureShare: 0, starts: 0 },
  capacity: real,
  prices: { acceleratorSecondPrice: 1, lateRequestPrice: 0 },
};
/** Beside a third as many that are wrong, and are answered at once. */
const goodPerSecond = 20;

let world: ScalingWorld;
const ending = new Set<AbortController>();
afterEach(async () => {
  for (const end of ending) end.abort();
  await world.close();
});

const good = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] });

/** Sends requests at a steady rate whatever the answers do. */
async function send(url: string, signal: AbortSignal): Promise<void> {
  const asked: Promise<unknown>[] = [];
  const beganMs = performance.now();
  for (let sent = 0; !signal.aborted; sent += 1) {
    const body = sent % 4 === 3 ? 'wrong' : good;
    asked.push(
      fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' }, signal })
        .then((answer) => answer.arrayBuffer())
        .catch(() => null),
    );
    const dueMs = beganMs + ((sent + 1) * 750) / goodPerSecond;
    await delay(Math.max(1, dueMs - performance.now()));
  }
  await Promise.all(asked);
}

/** Within 40%, which a factor of two is not. */
const isNear = (estimate: number, truth: number): boolean => Math.abs(Math.log(estimate / truth)) < Math.log(1.4);

const view = async () => (await world.operations.view(service, environment)).scaling;

/** Longer than the slowest of machines that also do other things. */
const patienceMs = 400_000;

it.each([{ told: 0.5 }, { told: 2 }])(
  'of a capacity told at $told of the truth the service itself teaches what a replica carries',
  { timeout: 2 * patienceMs },
  async ({ told }) => {
    const capacity = scaleCapacity(real, told);
    world = await ScalingWorld.open({
      policy: learningPolicy(0.8),
      facts: { ...facts, capacity },
      gateway: { deadlineMs: 60_000, replicaConcurrency: slots },
    });
    await world.release(pacedRelease(words, { min: 1, max: 6 }));
    await world.until('the first replica serves', () => world.routed().length >= 1, patienceMs);
    const end = new AbortController();
    ending.add(end);
    const sending = send(`${world.gatewayUrl}/v2/models/paced/infer`, end.signal);

    // A machine under load carries less than the stated times say: what it gives is what answers show.
    const times: number[] = [];
    const isLearned = async (): Promise<boolean> => {
      const { learned, signals } = (await view()) ?? {};
      if (typeof signals?.serviceMs === 'number') times.push(signals.serviceMs);
      const meanMs = times.reduce((sum, each) => sum + each, 0) / times.length;
      const { estimate = 1, samples = 0 } = learned?.capacity ?? {};
      return samples >= 150 && isNear(estimate, workMs / told / meanMs);
    };
    await world.until('what a replica carries is learned', isLearned, patienceMs);
    await world.until(
      'as many replicas serve as are ordered',
      async () => world.routed().length === (await view())?.ordered,
      patienceMs,
    );
    expect((await view())?.learned).toMatchObject({
      trusted: true,
      told: { ratePerSecond: real.ratePerSecond * told },
    });
    const isTold = async (): Promise<boolean> => {
      const { replicas = [], work } = (await view())?.signals ?? {};
      return work?.unit === 'rows' && replicas.some(({ serviceMs = null }) => serviceMs !== null && serviceMs >= 390);
    };
    await world.until('warm replicas tell their answers and times', isTold, patienceMs);
    end.abort();
    await sending;
  },
);
