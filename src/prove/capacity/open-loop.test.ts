import { describe, expect, it } from 'vitest';
import type { Clock } from '../../ports/process/clock.ts';
import { openLoop, underWayAtMost, type OpenPlan } from './open-loop.ts';

/** Time that sleeping moves, and that stands still for the client once: a sleep over `stallAtMs` ends so much later. */
function makeClock(stallAtMs = Infinity, stallMs = 0): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    async sleep(durationMs) {
      // What was sent is answered first.
      await new Promise((resolve) => setImmediate(resolve));
      const fromMs = nowMs;
      nowMs += durationMs;
      if (fromMs <= stallAtMs && nowMs > stallAtMs) nowMs += stallMs;
    },
  };
}

/** A request every 10 ms for a second. */
const plan: OpenPlan = {
  dueMs: Array.from({ length: 100 }, (_, at) => 10 * at),
  durationMs: 1_000,
  countedFromMs: 0,
  lateAllowed: [],
  refusedAtMost: Infinity,
};
const { signal } = new AbortController();
const answered = () => Promise.resolve(null);

describe('requests as they come', () => {
  it('count from when they were due, so that a client that stood still hides nothing', async () => {
    // It wakes 95 ms late for the request due at 500 ms: ten requests are 95, 85, ... 5 ms late.
    const times = await openLoop({ clock: makeClock(495, 95), signal }, answered, plan);
    expect(times.timesMs.filter((timeMs) => timeMs > 0)).toEqual([95, 85, 75, 65, 55, 45, 35, 25, 15, 5]);
    expect(times).toMatchObject({ unseen: 0, refused: 0, sendDelayMs: 0 });
  });

  it('do not count a timer that wakes 2 ms late', async () => {
    const times = await openLoop({ clock: makeClock(495, 2), signal }, answered, plan);
    expect(times.timesMs.every((timeMs) => timeMs === 0)).toBe(true);
  });

  it('end when more are late than allowed, and say how many were not seen', async () => {
    const lateAllowed = [{ limitMs: 20, atMost: 3 }];
    const times = await openLoop({ clock: makeClock(495, 95), signal }, answered, { ...plan, lateAllowed });
    // The fourth late one ends it before the next is sent.
    expect(times.timesMs.filter((timeMs) => timeMs > 20).length).toBeGreaterThan(3);
    expect(times.timesMs.length + times.unseen).toBe(100);
    expect(times.unseen).toBeGreaterThan(30);
  });

  it('leave out what is due before the cut, and keep the order in which they were due', async () => {
    const times = await openLoop({ clock: makeClock(), signal }, answered, { ...plan, countedFromMs: 250 });
    expect([times.timesMs.length, times.durationMs]).toEqual([75, 750]);
    expect(times.sent.map(({ dueMs }) => dueMs)).toEqual(plan.dueMs);
  });

  it('are not moved by a step of the wall clock', async () => {
    const [still, clock] = [makeClock(), makeClock()];
    const stepped: Clock = { ...clock, nowMs: () => clock.nowMs() + (clock.monotonicMs() > 500 ? 3_600_000 : 0) };
    const expected = await openLoop({ clock: still, signal }, answered, plan);
    expect(await openLoop({ clock: stepped, signal }, answered, plan)).toEqual(expected);
  });

  it('that fail at once count as ones that took for ever', async () => {
    const failing = (at: number) => (at % 10 === 0 ? Promise.reject(new Error('queue full')) : answered());
    const { timesMs, sent } = await openLoop({ clock: makeClock(), signal }, failing, plan);
    expect(timesMs.filter((timeMs) => timeMs === Infinity)).toHaveLength(10);
    expect(sent.filter(({ timeMs }) => timeMs === Infinity)).toHaveLength(10);
  });

  it('refuse to have more under way than a client may have, as failures', async () => {
    const open: (() => void)[] = [];
    const stuck = () => new Promise<null>((resolve) => open.push(() => resolve(null)));
    const many = { ...plan, dueMs: Array.from({ length: underWayAtMost + 10 }, (_, at) => at) };
    const running = openLoop({ clock: makeClock(), signal }, stuck, many);
    const release = setInterval(() => open.splice(0).forEach((resolve) => resolve()), 1);
    const times = await running;
    clearInterval(release);
    expect(times.timesMs.filter((timeMs) => timeMs === Infinity).length).toBe(times.refused);
    expect(times.timesMs).toHaveLength(underWayAtMost + 10);
  });
});
