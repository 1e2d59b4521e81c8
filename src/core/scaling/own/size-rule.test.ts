import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lateShare } from './settings/late-share.ts';
import { asleepFor, awakeFloor, holdDown, sizeFor, sizeForBacklog } from './size-rule.ts';

const power = { slots: 4, mostPerSecond: 10, workMs: 400 };

describe('sizing for a rate', () => {
  it('takes the offered load and some square roots of it', () => {
    expect(sizeFor(20, 0, power)).toBe(2);
    expect(sizeFor(20, 1, power)).toBeCloseTo((8 + Math.sqrt(8)) / 4, 12);
  });
});

describe('sizing for a backlog', () => {
  const outlook = { servedPerSecond: 0, sparePerSecond: 10, startMs: 4_000, waitMs: 1_000, mostPerSecond: 10 };

  it('asks for nothing where what is there drains it before a new replica would serve', () => {
    expect(sizeForBacklog(100, { ...outlook, startMs: 10_000 })).toBe(0);
  });

  it('asks for nothing where what is ready serves it within half of what may be waited', () => {
    const late = { ...outlook, sparePerSecond: -5, servedPerSecond: 40 };
    expect(sizeForBacklog(20, late)).toBe(0);
    expect(sizeForBacklog(40, late)).toBe(1);
  });

  it('asks for what drains the rest in the geometric mean of wait and start', () => {
    // 20 are left of 60; each replica more drains 10 requests/s, and two seconds are between 1 s and 4 s.
    expect(sizeForBacklog(60, outlook)).toBe(1);
    expect(sizeForBacklog(60, { ...outlook, sparePerSecond: -10 })).toBe(3);
  });

  it('does not wait with draining for a start that is shorter than the wait', () => {
    expect(sizeForBacklog(60, { ...outlook, sparePerSecond: 0, startMs: 100 })).toBe(6);
  });
});

describe('a floor that may sleep', () => {
  const sleep = { replicas: 2, wakeMs: 2_000, priceShare: 0.1 };

  it('is awake as far as nobody sleeps or can be put to sleep', () => {
    expect(awakeFloor(3, 1, { sleep, asleep: 0, present: 3 })).toBe(1);
    expect(awakeFloor(3, 1, { sleep, asleep: 0, present: 1 })).toBe(3);
    expect(awakeFloor(3, 1, { sleep, asleep: 2, present: 1 })).toBe(1);
    expect(awakeFloor(3, 1.5, { sleep, asleep: 0, present: 3 })).toBe(1.5);
    expect(awakeFloor(6, 1, { sleep, asleep: 2, present: 4 })).toBe(4);
    expect(awakeFloor(3, 1, { sleep: undefined, asleep: 0, present: 3 })).toBe(3);
  });

  it('sleeps for what is not awake of it, whole replicas and no more than may', () => {
    expect([asleepFor(2.3, 1, sleep), asleepFor(3, 3, sleep), asleepFor(9, 1, sleep)]).toEqual([2, 0, 2]);
    expect(asleepFor(9, 1, undefined)).toBe(0);
  });
});

describe('a lower demand', () => {
  it('is followed only after it has lasted, to the most that was wanted meanwhile', () => {
    let hold = holdDown({ replicas: 5, below: null }, 2, 0, 10);
    hold = holdDown(hold, 3, 5, 10);
    expect(hold.replicas).toBe(5);
    hold = holdDown(hold, 1, 10, 10);
    expect(hold).toEqual({ replicas: 3, below: null });
  });

  it('is forgotten when the demand is back', () => {
    let hold = holdDown({ replicas: 5, below: null }, 2, 0, 10);
    hold = holdDown(hold, 5, 9, 10);
    hold = holdDown(hold, 2, 10, 10);
    expect(hold.replicas).toBe(5);
  });
});

/** Chance of waiting in M/M/c (Erlang 1917), by the recursion of Erlang B. */
function erlangC(servers: number, offered: number): number {
  let blocking = 1;
  for (let server = 1; server <= servers; server += 1) blocking = (offered * blocking) / (server + offered * blocking);
  return blocking / (1 - (offered / servers) * (1 - blocking));
}

describe('the chance of being late', () => {
  it('is hardly ever below Erlang C, and not far above it from four slots on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0.02, max: 0.99, noNaN: true }), (slots, use) => {
        const over = lateShare(slots, slots * use, 0, 1) - erlangC(slots, slots * use);
        expect(over).toBeGreaterThan(-0.03);
        if (slots >= 4) expect(over).toBeLessThan(0.07);
      }),
    );
  });

  it('falls with slots and with what a request may wait', () => {
    const shape = fc.record({
      slots: fc.integer({ min: 1, max: 100 }),
      offered: fc.double({ min: 0, max: 120, noNaN: true }),
      waitMs: fc.double({ min: 0, max: 5_000, noNaN: true }),
    });
    fc.assert(
      fc.property(shape, ({ slots, offered, waitMs }) => {
        const share = lateShare(slots, offered, waitMs, 400);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
        expect(lateShare(slots + 1, offered, waitMs, 400)).toBeLessThanOrEqual(share + 1e-12);
        expect(lateShare(slots, offered, waitMs + 100, 400)).toBeLessThanOrEqual(share + 1e-12);
      }),
    );
  });

  it('is one without room', () => {
    expect(lateShare(0, 0, 0, 1)).toBe(1);
    expect(lateShare(4, 4, 1_000, 1)).toBe(1);
    expect(lateShare(4, 0, 0, 1)).toBe(0);
  });
});
