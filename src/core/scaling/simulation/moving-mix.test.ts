import { describe, expect, it } from 'vitest';
import { makeWorld } from '../../../testing/rigs/scaling/simulated-worlds.ts';
import { statedCapacity } from '../../capacity/read-stated-curve.ts';
import { lognormalStarts } from '../../coldstart/stated-starts.ts';
import { seededRandom } from '../../statistics/random.ts';
import { plimsollPolicy } from '../own/plimsoll.ts';
import type { WorkSignals } from '../signals.ts';
import { drawExponential, makeSizeDrawer } from './arrivals/request-size.ts';
import { simulate } from './simulate.ts';
import type { SimulatedWorld, SimulationResult } from './world.ts';

const minuteMs = 60_000;
const endMs = 120 * minuteMs;
const ratePerSecond = 6;

/** Requests of which the work goes up and down each hour, from 1 to 2.5 times; a fifth of the time is the request's own. */
const workAt = (atMs: number): number => 1.75 + 0.75 * Math.sin((2 * Math.PI * atMs) / (60 * minuteMs));

/**
 * | told | units of a request |
 * |---|---|
 * | nothing | none |
 * | work | in proportion to its work |
 * | noise | heavy-tailed, with swings of their own, and nothing to do with its work |
 */
function makeMovingMix(told: 'nothing' | 'work' | 'noise', unit: WorkSignals['unit'] = 'rows'): SimulatedWorld {
  return {
    ...makeWorld([], { capacity: statedCapacity({ kind: 'slots', slots: 2, speeds: [1, 0.9], meanWorkMs: 1_000 }) }),
    arrivals: function* () {
      const [times, random] = [seededRandom(11), seededRandom(5)];
      const drawSize = makeSizeDrawer({ kind: 'lognormal', mean: 1, variation: 0.7 }, seededRandom(7));
      const drawOther = makeSizeDrawer({ kind: 'lognormal', mean: 1, variation: 1.5 }, random);
      const gap = (): number => drawExponential(times, 1_000 / ratePerSecond);
      for (let atMs = gap(); atMs < endMs; atMs += gap()) {
        const work = drawSize() * workAt(atMs);
        const other = drawOther() * (1 + 0.8 * Math.sin(atMs / 400_000));
        yield { atMs, workMs: 200 + 800 * work, units: 300 * (told === 'work' ? work : other) };
      }
    },
    endMs,
    scoreFromMs: 30 * minuteMs,
    starts: lognormalStarts(40_000, 52_000),
    terms: {
      ...makeWorld([]).terms,
      minReplicas: 1,
      toZero: false,
      latencyMs: 10_000,
      lateRequestPrice: 20,
    },
    initialReplicas: 5,
    ...(told === 'nothing' ? {} : { unit }),
  };
}

const run = (world: SimulatedWorld): SimulationResult => simulate(world, plimsollPolicy, seededRandom(3));

describe('a mix that moves', () => {
  const alone = run(makeMovingMix('nothing'));

  it('is followed by the work of what arrives, where the number of requests alone is late for each rise', () => {
    const byWork = run(makeMovingMix('work'));
    expect(byWork.attainmentShare).toBeGreaterThan(0.99);
    expect(byWork.attainmentShare).toBeGreaterThan(alone.attainmentShare + 0.02);
  }, 240_000);

  it('is followed by what answers tell too, where nothing else tells the work', () => {
    const byTokens = run(makeMovingMix('work', 'tokens'));
    expect(byTokens.attainmentShare).toBeGreaterThan(alone.attainmentShare + 0.02);
  }, 240_000);

  it('is decided as by the number of requests alone where units say nothing', () => {
    const byNoise = run(makeMovingMix('noise'));
    expect(byNoise).toEqual(alone);
  }, 240_000);
});
