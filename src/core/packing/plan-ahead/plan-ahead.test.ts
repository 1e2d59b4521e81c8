import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import { priceBook } from '../../../testing/builders/cost/price-builders.ts';
import { aNode, aReplica } from '../../../testing/builders/packing/packing-builders.ts';
import { seededRandom } from '../../statistics/random.ts';
import type { LinearSolver } from '../linear-program.ts';
import { nodeMicrosPerHour, replicaMicrosPerHour } from './ahead-money.ts';
import { findRemedies } from './find-remedies.ts';
import { planAhead, type AheadTask } from './plan-ahead.ts';
import { drawFactors, exactly, heldFactors, needAtPeak, needOnAverage, type PlannedService } from './service-need.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

const dayMs = 86_400_000;
const startMs = Date.parse('2026-11-30');
const day = (text: string): number => Date.parse(text);
/** Nodes of two devices that cost 2.50 an hour each. */
const nodes = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ name: `n${at}`, deviceClass: 'h100', shape: aNode({ model: 'h100' }) }));
const growth = (share: number) => ({ lowShare: share, share, highShare: share, period: 'week' as const });
const service = (changes: Partial<PlannedService> = {}): PlannedService => ({
  row: { name: 'chat', count: 0, shape: aReplica({ cpuMilli: 1_000 }) },
  demand: { kind: 'growth', ratePerSecond: 10, growth: growth(0.1), noise: null },
  weekday: null,
  perReplica: exactly(10),
  held: { peak: exactly(2), mean: 1.5 },
  floor: 1,
  atMost: null,
  ...changes,
});
const task = (changes: Partial<AheadTask> = {}): AheadTask => ({
  startMs,
  days: 56,
  nodes: nodes(3),
  services: [service()],
  fixed: [],
  nodesDown: 1,
  prices: { book: priceBook(), pool: 'gpus' },
  draws: 20,
  seed: 1,
  ...changes,
});

describe('what one service needs', () => {
  test('is the peak over the rate of a replica, rounded up, and at least the floor', () => {
    // 30 * 2.5 / 14 = 5.36.
    expect(needAtPeak(30, { perReplica: 14, peak: 2.5 }, 1)).toBe(6);
    expect(needAtPeak(28, { perReplica: 14, peak: 2 }, 1)).toBe(4);
    expect(needAtPeak(1, { perReplica: 14, peak: 2 }, 3)).toBe(3);
    expect(needOnAverage(28, { perReplica: 14, peak: 9 }, { floor: 1, held: { peak: exactly(9), mean: 1.5 } })).toBe(3);
    expect(needOnAverage(1, { perReplica: 14, peak: 9 }, { floor: 2, held: { peak: exactly(9), mean: 1.5 } })).toBe(2);
  });

  test('beyond the mean is what a simulation held, less the rounding of whole replicas', () => {
    const shown = { meanRatePerSecond: 20, perReplicaPerSecond: 14, peakReplicas: 4, meanReplicas: 2.5 };
    const held = heldFactors(shown);
    expect(held.peak).toEqual({
      lower: expect.closeTo(2.1, 9),
      estimate: expect.closeTo(2.45, 9),
      upper: expect.closeTo(2.8, 9),
    });
    expect(held.mean).toBeCloseTo(1.75, 9);
    // One replica for little: the peak is no less than the mean, and the mean no more than the peak.
    const little = heldFactors({ ...shown, meanRatePerSecond: 12, peakReplicas: 1, meanReplicas: 1 });
    expect(little).toEqual({ peak: { lower: 1, estimate: 1, upper: expect.closeTo(7 / 6, 9) }, mean: 1 });
  });

  test('is drawn between the limits', () => {
    const random = seededRandom(2);
    const wide = service({
      perReplica: { lower: 8, estimate: 10, upper: 12 },
      held: { peak: { lower: 2, estimate: 2.5, upper: 3 }, mean: 1 },
    });
    const drawn = Array.from({ length: 500 }, () => drawFactors(wide, random));
    for (const { perReplica, peak } of drawn) {
      expect(perReplica).toBeGreaterThanOrEqual(8);
      expect(perReplica).toBeLessThanOrEqual(12);
      expect(peak >= 2 && peak <= 3).toBe(true);
    }
    expect(Math.max(...drawn.map((each) => each.perReplica))).toBeGreaterThan(11.5);
    expect(Math.min(...drawn.map((each) => each.perReplica))).toBeLessThan(8.5);
  });
});

describe('money', () => {
  const prices = {
    book: priceBook({
      devices: [...priceBook().devices, { ...priceBook().devices[0]!, deviceClass: 'l4', microsPerHour: 700_000 }],
    }),
    pool: 'gpus',
  };
  const mixed = [...nodes(1), { name: 'l1', deviceClass: 'l4', shape: aNode({ model: 'l4', devices: 4 }) }];

  test('of a replica is its devices at the mean price of those that it accepts', () => {
    expect(replicaMicrosPerHour({ shape: aReplica({ models: ['h100'], devices: 2 }) }, mixed, prices, startMs)).toBe(
      5_000_000,
    );
    // (2 * 2.50 + 4 * 0.70) / 6 = 1.30; half a device.
    expect(replicaMicrosPerHour({ shape: aReplica({ deviceMilli: 500 }) }, mixed, prices, startMs)).toBeCloseTo(
      650_000,
      6,
    );
    expect(
      replicaMicrosPerHour(
        { shape: aReplica({ devices: 0, deviceMilli: 0, cpuMilli: 2_500 }) },
        mixed,
        prices,
        startMs,
      ),
    ).toBe(100_000);
  });

  test('is not known where an accepted device has no price, or none is accepted', () => {
    const unknown = [...mixed, { name: 'x', deviceClass: 'b200', shape: aNode({ model: 'b200' }) }];
    expect(replicaMicrosPerHour({ shape: aReplica() }, unknown, prices, startMs)).toBeNull();
    expect(replicaMicrosPerHour({ shape: aReplica({ models: ['none'] }) }, mixed, prices, startMs)).toBeNull();
  });

  test('of a node is that of its devices, or of its cores', () => {
    expect(nodeMicrosPerHour(mixed[1]!, prices, startMs)).toBe(2_800_000);
    expect(nodeMicrosPerHour({ deviceClass: 'default', shape: aNode({ devices: 0 }) }, prices, startMs)).toBe(640_000);
  });
});

describe('a plan ahead', () => {
  test('by hand: two of three nodes carry four replicas, and the fifth is needed on day 51', () => {
    const { weeks, full, binding, devices, devicesDown } = planAhead(task(), solver);
    // 10 * 1.1^(d / 7) * 2 / 10 is above 4 from 1.1^(d / 7) > 2 on: d > 50.9.
    expect(full).toMatchObject({ notFoundMs: startMs + 51 * dayMs, provenMs: startMs + 51 * dayMs, share: 1 });
    expect(weeks.map(({ replicas }) => replicas[0]?.estimate)).toEqual([3, 3, 3, 3, 4, 4, 4, 5]);
    expect(weeks.map(({ allPlaced }) => allPlaced)).toEqual([...Array.from({ length: 7 }, () => 'yes'), 'impossible']);
    expect(binding).toEqual([{ lost: ['n0'], allPlaced: 'impossible' }]);
    expect([devices, devicesDown]).toEqual([6, 2]);
    // First week: 1.5 replicas at 2.50 an hour, and a little growth: 24 * 2.5 * 1.5 * sum of 1.1^(d / 7).
    const sum = Array.from({ length: 7 }, (_, at) => 1.1 ** (at / 7)).reduce((all, each) => all + each, 0);
    expect(weeks[0]?.micros?.estimate).toBeCloseTo(90_000_000 * sum, -1);
  });

  test(
    'without an interval anywhere has none, and with one of the growth has dates on both sides',
    { timeout: 120_000 },
    () => {
      const sure = planAhead(task(), solver);
      expect(sure.weeks.every(({ devices: { lower, upper } }) => lower === upper)).toBe(true);
      const demand = {
        kind: 'growth' as const,
        ratePerSecond: 10,
        growth: { lowShare: 0.05, share: 0.1, highShare: 0.15, period: 'week' as const },
        noise: null,
      };
      const { full, weeks } = planAhead(task({ services: [service({ demand })], days: 182, draws: 100 }), solver);
      // 1.15^(d / 7) > 2: 34.7 days; 1.05: 99.4 days.
      expect(full.earlyMs).toBeGreaterThanOrEqual(startMs + 21 * dayMs);
      expect(full.earlyMs).toBeLessThanOrEqual(startMs + 42 * dayMs);
      expect(full.lateMs).toBeGreaterThanOrEqual(startMs + 70 * dayMs);
      expect(full.lateMs).toBeLessThanOrEqual(startMs + 125 * dayMs);
      for (const { devices } of weeks) {
        expect(devices.lower).toBeLessThanOrEqual(devices.estimate);
        expect(devices.estimate).toBeLessThanOrEqual(devices.upper);
      }
    },
  );

  test('of a service that shrinks while another one grows is no sum of their peaks', () => {
    const rates = (first: number, last: number) => ({
      kind: 'rates' as const,
      rows: [
        { day: 0, ratePerSecond: first, quantiles: [] },
        { day: 21, ratePerSecond: last, quantiles: [] },
      ],
    });
    const named = (name: string) => ({ name, count: 0, shape: aReplica({ cpuMilli: 1_000 }) });
    const services = [
      service({ row: named('old'), demand: rates(15, 5) }),
      service({ row: named('new'), demand: rates(5, 15) }),
    ];
    const { weeks, full } = planAhead(task({ services }), solver);
    // 3 + 1, then 1 + 3. The first week after the change still holds the peaks of the week before.
    expect(weeks.map(({ replicas }) => replicas.map(({ estimate }) => estimate))[3]).toEqual([1, 3]);
    expect(full.notFoundMs).toBe(startMs + 21 * dayMs);
    expect(planAhead(task({ services, nodesDown: 0 }), solver).full.notFoundMs).toBeNull();
  });

  test('takes the busiest weekday of the last seven days', () => {
    const demand = { kind: 'rates' as const, rows: [{ day: 0, ratePerSecond: 10, quantiles: [] }] };
    // A Monday is the first day; Friday has twice the mean.
    const weekday = [0.8, 0.8, 0.8, 0.8, 0.8, 2, 1];
    const { weeks, full } = planAhead(
      task({ services: [service({ demand, weekday, perReplica: exactly(5) })] }),
      solver,
    );
    expect(weeks[0]?.replicas[0]?.estimate).toBe(8);
    expect(full.notFoundMs).toBe(day('2026-12-04'));
  });

  test('tells the day on which more than the most replicas of the contract are needed', () => {
    expect(planAhead(task({ services: [service({ atMost: 3 })] }), solver).maxReachedMs).toEqual([
      startMs + 30 * dayMs,
    ]);
    expect(planAhead(task({ services: [service({ atMost: 9 })] }), solver).maxReachedMs).toEqual([null]);
  });

  test('has no money where a price is missing, and the same numbers each time', () => {
    expect(planAhead(task({ prices: null }), solver).weeks.every(({ micros }) => micros === null)).toBe(true);
    expect(planAhead(task(), solver)).toEqual(planAhead(task(), solver));
  });

  const drawnTask = fc.record({
    share: fc.double({ min: 0.01, max: 0.3, noNaN: true }),
    more: fc.double({ min: 0, max: 0.3, noNaN: true }),
    rate: fc.double({ min: 1, max: 60, noNaN: true }),
    count: fc.integer({ min: 2, max: 6 }),
    devices: fc.integer({ min: 1, max: 2 }),
  });
  const endMs = startMs + 1_000 * dayMs;

  test('with more growth is never full later', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(drawnTask, ({ share, more, rate, count, devices }) => {
        const fullWith = (weekly: number): number => {
          const demand = { kind: 'growth' as const, ratePerSecond: rate, growth: growth(weekly), noise: null };
          const row = { name: 'chat', count: 0, shape: aReplica({ cpuMilli: 1_000, devices }) };
          const planned = planAhead(
            task({ nodes: nodes(count), services: [service({ demand, row })], draws: 0 }),
            solver,
          );
          return planned.full.notFoundMs ?? endMs;
        };
        expect(fullWith(share + more)).toBeLessThanOrEqual(fullWith(share));
      }),
      { numRuns: 30 },
    );
  });

  test('with one more node lost is never full later, and keeps no fewer devices', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(drawnTask, fc.integer({ min: 0, max: 1 }), ({ share, rate, count, devices }, down) => {
        const demand = { kind: 'growth' as const, ratePerSecond: rate, growth: growth(share), noise: null };
        const row = { name: 'chat', count: 0, shape: aReplica({ cpuMilli: 1_000, devices }) };
        const planWith = (nodesDown: number) =>
          planAhead(task({ nodes: nodes(count), services: [service({ demand, row })], draws: 0, nodesDown }), solver);
        const [fewer, more] = [planWith(down), planWith(down + 1)];
        expect(more.full.notFoundMs ?? endMs).toBeLessThanOrEqual(fewer.full.notFoundMs ?? endMs);
        expect(more.devicesDown).toBeGreaterThanOrEqual(fewer.devicesDown);
      }),
      { numRuns: 30 },
    );
  });
});

describe('remedies', { timeout: 120_000 }, () => {
  test('are ranked: what costs nothing, then days for money', () => {
    const found = findRemedies(task({ days: 364 }), 51, solver);
    // One more node carries six replicas: 1.1^(d / 7) > 3 from day 81 on. 10% more a replica: > 2.2, from day 58 on.
    // On the last day 2 * 1.1^(363 / 7) = 280.2 replicas are needed: 141 nodes carry 282, and one more is lost.
    expect(found).toEqual([
      { change: { kind: 'nodes-down' }, daysMore: 30, fullBeforeEnd: true, microsPerWeek: 0, toEnd: null },
      {
        change: { kind: 'node', like: 'n0' },
        daysMore: 30,
        fullBeforeEnd: true,
        microsPerWeek: 840_000_000,
        toEnd: 139,
      },
      {
        change: { kind: 'per-replica', service: 'chat' },
        daysMore: 7,
        fullBeforeEnd: true,
        microsPerWeek: null,
        toEnd: null,
      },
    ]);
  });

  test('leave out more nodes with which there are too many ways to lose some', () => {
    const kinds = Array.from({ length: 13 }, (_, at) => ({
      ...{ name: `n${at}`, deviceClass: `kind ${at}`, shape: aNode({ model: `kind ${at}` }) },
    }));
    const twice = { ...kinds[0]!, name: 'twice' };
    const found = findRemedies(task({ nodes: [...kinds, twice], nodesDown: 3, days: 28 }), 7, solver);
    expect(found.map(({ change }) => change)).toContainEqual({ kind: 'nodes-down' });
    expect(found.map(({ change }) => change)).not.toContainEqual({ kind: 'node', like: 'n1' });
  });

  test('are none where the pool is not full, and a floor that is too high is one', () => {
    expect(findRemedies(task(), null, solver)).toEqual([]);
    const embed = service({
      row: { name: 'embed', count: 0, shape: aReplica({ cpuMilli: 1_000 }) },
      demand: { kind: 'rates', rows: [{ day: 0, ratePerSecond: 5, quantiles: [] }] },
      floor: 2,
    });
    const services = [service(), embed];
    const { full } = planAhead(task({ services }), solver);
    // Three of chat from the first day on, and two that the floor keeps.
    expect(full.notFoundMs).toBe(startMs + dayMs);
    const [first] = findRemedies(task({ services }), 1, solver).filter(({ change }) => change.kind === 'floor');
    expect(first).toMatchObject({
      change: { service: 'embed', from: 2, to: 1 },
      daysMore: 29,
      microsPerWeek: -420_000_000,
    });
  });
});
