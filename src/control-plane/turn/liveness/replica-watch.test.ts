import { describe, expect, it } from 'vitest';
import { ReplicaWatch } from './replica-watch.ts';

const quiet = { bytes: 0, finished: 0, waiting: 0, givenUp: 0, oldestMs: 0, longestMs: 0, allowedMs: 30_000 };

/** Answered ten requests a second for a minute, each of them 100 ms of its time. */
function watchSteady(): ReplicaWatch {
  const watch = new ReplicaWatch(0);
  for (let second = 0; second <= 60; second += 1) {
    const progress = { ...quiet, finished: 10 * second, waiting: 4, isAlike: true };
    watch.reported('g', 1, progress, 1_000 * second, 1_000 * second);
    watch.passed(1_000);
  }
  return watch;
}
const still = (givenUp: number) => ({ ...quiet, finished: 600, waiting: 50, givenUp, isAlike: true });

describe('ReplicaWatch', () => {
  it('counts the requests that stand before a probe, and none that came after it', () => {
    const watch = watchSteady();
    watch.reported('g', 1, still(0), 63_000, 63_000);
    watch.passed(1_000);
    watch.probeBegan(63_000, false);
    watch.reported('g', 1, still(900), 123_000, 123_000);
    expect(watch.evidence(123_000)).toMatchObject({ queuedMs: 5_000, unanswered: 900 });
  });

  it('counts after an answered probe those alone that were given up since it was sent', () => {
    const watch = watchSteady();
    watch.reported('g', 1, still(200), 90_000, 90_000);
    watch.passed(1_000);
    watch.probeBegan(90_000, false);
    watch.reported('g', 1, still(230), 100_000, 100_000);
    watch.probeAnswered(10_000, 100_000);
    watch.reported('g', 1, still(900), 110_000, 110_000);
    expect(watch.evidence(110_000)).toMatchObject({ queuedMs: 8_000, lastProbeMs: 10_000, probeSilentMs: 0 });
  });

  it('counts the busy time of an answer since the one before it, also over reports without one', () => {
    const watch = watchSteady();
    for (let answer = 1; answer <= 5; answer += 1) {
      const [busyMs, nowMs] = [60_000 + 10_000 * answer, 60_000 + 10_000 * answer];
      watch.reported('g', 1, { ...still(0), finished: 600 + answer - 1 }, busyMs - 1_000, nowMs - 1_000);
      watch.reported('g', 1, { ...still(0), finished: 600 + answer }, busyMs, nowMs);
    }
    expect(watch.evidence(110_000)).toMatchObject({ queuedMs: 500_000, stepMs: null });
  });

  it('forgets a slow probe within two hours', () => {
    const watch = new ReplicaWatch(0);
    watch.probeAnswered(600_000, 0);
    watch.probeAnswered(1_000, 7_200_000);
    expect(watch.evidence(7_200_000).seenProbeMs).toBe(1_000);
  });
});
