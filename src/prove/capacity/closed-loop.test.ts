import { describe, expect, it } from 'vitest';
import { answeredPerSecond } from '../../core/evidence/kinds/capacity/capacity-measurements.ts';
import { measureLoad } from '../../core/capacity/measure-load.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { selfAdvancingClock } from '../../testing/fakes/self-advancing-clock.ts';
import { answerEnds, closedLoop, type Ask } from './closed-loop.ts';

const { signal } = new AbortController();
const loop = { concurrency: 4, warmUpMs: 0, measureMs: 1_000 };

/** Answers after 20 ms, or fails at once. */
function replicaOf(clock: Clock, fails: (at: number) => boolean): Ask {
  return async (at) => {
    if (fails(at)) throw new Error('queue full');
    await clock.sleep(20, signal);
    return null;
  };
}

describe('so many requests under way all the time', () => {
  it('do not count errors that come fast as capacity', async () => {
    const clock = selfAdvancingClock();
    const rateOf = async (fails: (at: number) => boolean) => {
      const { timesMs, durationMs } = await closedLoop({ clock, signal }, replicaOf(clock, fails), loop);
      const load = measureLoad(timesMs, durationMs, []);
      if (load === null) throw new Error('requests were made');
      return { load, perSecond: answeredPerSecond(load) };
    };
    const whole = await rateOf(() => false);
    // Four under way of 20 ms.
    expect(whole.perSecond).toBeCloseTo(200, -1);
    const broken = await rateOf((at) => at % 4 !== 0);
    expect(broken.load.failed).toBeGreaterThan(0.6 * broken.load.requests);
    expect(broken.load.quantiles['p50']?.valueMs).toBeNull();
    expect(broken.perSecond).toBeLessThan(whole.perSecond);
    // After an error the client waits for 10 ms: at most four times 100 a second.
    expect(broken.load.requests).toBeLessThan(450);
  });

  it('end a probe at an error, which is no answer', async () => {
    const clock = selfAdvancingClock();
    const plan = { concurrency: 1, requests: 50, atMostMs: 10_000 };
    expect(
      await answerEnds(
        { clock, signal },
        replicaOf(clock, (at) => at === 5),
        plan,
      ),
    ).toEqual([20, 40, 60, 80, 100]);
  });

  it('are not moved by a step of the wall clock', async () => {
    const still = selfAdvancingClock();
    const stepping = selfAdvancingClock();
    const stepped: Clock = {
      ...stepping,
      nowMs: () => stepping.nowMs() - (stepping.monotonicMs() > 500 ? 3_600_000 : 0),
    };
    const [expected, found] = await Promise.all(
      [still, stepped].map((clock) =>
        closedLoop(
          { clock, signal },
          replicaOf(clock, () => false),
          loop,
        ),
      ),
    );
    expect(found).toEqual(expected);
    expect(found?.timesMs.every((timeMs) => timeMs === 20)).toBe(true);
  });
});
