import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginFeedback, followQueue, type QueueTick } from './feedback.ts';

const tick = (part: Partial<QueueTick> = {}): QueueTick => ({
  elapsedMs: 2_000,
  late: true,
  backlog: 100,
  arrivals: 40,
  arrivalsPerSecond: 20,
  answersPerSecond: 10,
  ready: 10,
  present: 10,
  startMs: 40_000,
  drainMs: 10_000,
  ...part,
});

describe('the feedback', () => {
  it('asks for what arrives and the backlog over what a replica was seen to answer', () => {
    // (20 + 100 / 10 s) / 1 a second and replica; no integral after the first tick but 1/20 of a start: 2.5%.
    expect(followQueue(beginFeedback(10, 100), tick()).replicas).toBeCloseTo(30 * 1.025, 9);
    // While something loads the integral waits.
    expect(followQueue(beginFeedback(10, 100), tick({ present: 20 })).replicas).toBeCloseTo(30, 9);
  });

  it('asks for one more than serve while it never saw what a replica answers, and for four times as many at most', () => {
    // The queue grew by all that arrived.
    const unseen = tick({ answersPerSecond: null, backlog: 140, ready: 2, present: 2 });
    expect(followQueue(beginFeedback(2, 100), unseen).replicas).toBe(3);
    expect(followQueue(beginFeedback(10, 100), tick({ answersPerSecond: 0.01 })).replicas).toBe(40);
    expect(followQueue(beginFeedback(2, 100), tick({ answersPerSecond: 0, ready: 2, present: 2 })).replicas).toBe(3);
  });

  it('tells answers that are not counted by what arrives and how the queue grows', () => {
    // 40 came in two seconds, the queue grew by 20: 10 were answered a second, 1 by each replica.
    const uncounted = tick({ answersPerSecond: null, backlog: 120, present: 11 });
    expect(followQueue(beginFeedback(10, 100), uncounted).answeredPerSecond).toBeCloseTo(1, 9);
  });

  it('never asks for less while requests are late, and gives a tenth of it back in a start without', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ late: fc.boolean(), backlog: fc.nat(500), answersPerSecond: fc.option(fc.nat(50)) })),
        (parts) => {
          let feedback = beginFeedback(10, 100);
          for (const part of parts) {
            const next = followQueue(feedback, tick(part));
            if (part.late) expect(next.replicas).toBeGreaterThanOrEqual(feedback.replicas);
            expect(next.replicas).toBeGreaterThanOrEqual(feedback.replicas * 0.9 ** (2 / 40) - 1e-9);
            expect(next.replicas).toBeLessThanOrEqual(Math.max(feedback.replicas, 40));
            feedback = next;
          }
        },
      ),
    );
    let calm = beginFeedback(10, 100);
    for (let at = 0; at < 20; at += 1)
      calm = followQueue(calm, tick({ late: false, backlog: 0, arrivalsPerSecond: 0 }));
    expect(calm.replicas).toBeCloseTo(9, 9);
  });

  it('at constant demand carries the rate within a start and two periods, drains it soon after, and overshoots within its bound', () => {
    const world = fc.record({
      ratePerSecond: fc.double({ min: 2, max: 100, noNaN: true }),
      // Requests a second of one replica; it has to be at most four times too few of them that there are.
      shortBy: fc.double({ min: 1.05, max: 3.5, noNaN: true }),
      ready: fc.integer({ min: 1, max: 30 }),
      startTicks: fc.integer({ min: 1, max: 60 }),
      backlog: fc.double({ min: 0, max: 5, noNaN: true }),
    });
    fc.assert(
      fc.property(world, ({ ratePerSecond, shortBy, ready: begun, startTicks, backlog: waiting }) => {
        const each = ratePerSecond / shortBy / begun;
        const waitMs = 4_000;
        const startMs = startTicks * 2_000;
        const drainMs = Math.sqrt(waitMs * Math.max(waitMs, startMs));
        let [ready, backlog, feedback] = [
          begun,
          waiting * ratePerSecond + begun + 5,
          beginFeedback(begun, waiting * ratePerSecond + begun + 5),
        ];
        const loading: number[] = [];
        let [carriedAt, mostBacklog, most] = [Infinity, backlog, 0];
        const ticks = 12 * startTicks + 200;
        for (let at = 0; at < ticks; at += 1) {
          const landed = loading.filter((readyAt) => readyAt <= at).length;
          loading.splice(0, landed);
          ready += landed;
          const served = Math.min(backlog / 2 + ratePerSecond, ready * each);
          backlog = Math.max(0, backlog + 2 * (ratePerSecond - served));
          mostBacklog = Math.max(mostBacklog, backlog);
          const late = (backlog * 1_000) / (ready * each) > waitMs;
          const arrivals = 2 * ratePerSecond;
          const queue = {
            elapsedMs: 2_000,
            late,
            backlog,
            arrivals,
            arrivalsPerSecond: ratePerSecond,
            startMs,
            drainMs,
          };
          const present = ready + loading.length;
          feedback = followQueue(feedback, { ...queue, answersPerSecond: served, ready, present });
          for (let more = present; more < Math.ceil(feedback.replicas - 1e-9); more += 1) loading.push(at + startTicks);
          most = Math.max(most, feedback.replicas);
          if (ready * each >= ratePerSecond * (1 - 1e-9)) carriedAt = Math.min(carriedAt, at);
        }
        expect(carriedAt).toBeLessThanOrEqual(startTicks + 2);
        expect((backlog * 1_000) / (ready * each)).toBeLessThanOrEqual(waitMs);
        expect(most).toBeLessThanOrEqual((2 * (ratePerSecond + (mostBacklog * 1_000) / drainMs)) / each + 1);
      }),
      { numRuns: 300 },
    );
  });
});
