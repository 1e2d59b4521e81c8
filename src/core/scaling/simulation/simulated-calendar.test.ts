import { describe, expect, it } from 'vitest';
import { makeWorld } from '../../../testing/rigs/scaling/simulated-worlds.ts';
import { lognormalStarts } from '../../coldstart/stated-starts.ts';
import { statedCapacity } from '../../capacity/read-stated-curve.ts';
import { seededRandom } from '../../statistics/random.ts';
import { plimsollPolicy } from '../own/plimsoll.ts';
import type { CalendarTerms } from '../seasons/learnt-calendar.ts';
import { simulate } from './simulate.ts';
import type { Arrival, SimulatedWorld } from './world.ts';

const minuteMs = 60_000;
/** A Friday. */
const beginsAtMs = Date.parse('2026-12-04T08:00Z');
const launch = {
  when: { kind: 'once', fromLocalMs: Date.parse('2026-12-04T09:00Z'), untilLocalMs: Date.parse('2026-12-04T09:10Z') },
  zone: 'UTC',
} as const;

/** A request a second for an hour, then twenty a second for ten minutes; replicas serve four a second. */
function launchWorld(calendar?: CalendarTerms): SimulatedWorld {
  const arrivals: Arrival[] = [];
  for (let atMs = 0; atMs < 70 * minuteMs; atMs += atMs < 60 * minuteMs ? 1_000 : 50)
    arrivals.push({ atMs, workMs: 500 });
  const curve = { kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs: 500 } as const;
  const { terms, ...world } = makeWorld(arrivals, { capacity: statedCapacity(curve), metricLagMs: 500 });
  return {
    ...world,
    endMs: 80 * minuteMs,
    scoreFromMs: 30 * minuteMs,
    starts: lognormalStarts(90_000, 120_000, 0),
    terms: { ...terms, minReplicas: 1, maxReplicas: 20, toZero: false, latencyMs: 3_000 },
    ...(calendar === undefined ? {} : { calendar }),
  };
}

const terms = (schedule: CalendarTerms['schedule']): CalendarTerms => ({
  beginsAtMs,
  zone: 'UTC',
  schedule,
  seasons: false,
});
const lateOf = (world: SimulatedWorld): number => {
  const { late, dropped } = simulate(world, plimsollPolicy, seededRandom(1));
  return late + dropped;
};

describe('a simulated calendar', () => {
  it('serves a scheduled launch in time, by its rate or by its replicas, where without it most of it is late', () => {
    expect(lateOf(launchWorld())).toBeGreaterThan(1_000);
    expect(lateOf(launchWorld(terms([{ ...launch, ratePerSecond: 20 }])))).toBeLessThan(150);
    expect(lateOf(launchWorld(terms([{ ...launch, replicas: 7 }])))).toBeLessThan(150);
  });

  it('says in its reasons what the calendar asked for', () => {
    const reasons: string[] = [];
    const world = launchWorld(terms([{ ...launch, ratePerSecond: 20, replicas: 9 }]));
    simulate(world, plimsollPolicy, seededRandom(1), {
      onDecision: ({ nowMs }, { reason }) => {
        if (nowMs > 59 * minuteMs && nowMs < 60 * minuteMs) reasons.push(reason);
      },
    });
    expect(reasons[0]).toMatch(
      /^20\.0 requests\/s expected in \d+ s by the schedule want 5\.\d+; the schedule states 9/,
    );
  });

  it('changes nothing where it expects nothing', () => {
    const [without, empty] = [launchWorld(), launchWorld(terms([]))];
    expect(simulate(empty, plimsollPolicy, seededRandom(1))).toEqual(
      simulate(without, plimsollPolicy, seededRandom(1)),
    );
  });

  it('does the same where decisions of a silence are passed over, bit for bit', () => {
    const arrivals = [0, 1_000, 2_000, 200 * minuteMs].map((atMs) => ({ atMs, workMs: 100 }));
    const base = makeWorld(arrivals, { endMs: 240 * minuteMs, metricLagMs: 500 });
    const ends = { ...base.terms, minReplicas: 0, maxReplicas: 5, toZero: true };
    const world = { ...base, terms: ends, calendar: terms([{ ...launch, ratePerSecond: 1, replicas: 2 }]) };
    const passed = simulate(world, plimsollPolicy, seededRandom(3));
    const asked = simulate(world, plimsollPolicy, seededRandom(3), { onDecision: () => undefined });
    expect(JSON.stringify(passed)).toBe(JSON.stringify(asked));
    expect(passed.timeline.decisions.some(({ desired }) => desired === 2)).toBe(true);
  });
});
