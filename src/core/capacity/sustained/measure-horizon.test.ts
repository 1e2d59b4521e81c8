import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { standingOfHorizon } from '../../evidence/kinds/capacity/sustained-interval.ts';
import { drawArrivals } from './draw-arrivals.ts';
import { probeMs, usualDurationMs } from './duration.ts';
import { lateAllowed, measureHorizon } from './measure-horizon.ts';
import { probeRate } from './probe-rate.ts';
import { searchedRates } from './promised-rate.ts';
import { makeLevel } from '../../../testing/builders/capacity-builders.ts';

const shown = { sent: [], streamed: null, unseen: 0, refused: 0, underWay: 2, sendDelayMs: 0 };
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

describe('the summary of a horizon', () => {
  it('has the quantiles, those of the objective among them', () => {
    const horizon = measureHorizon({ ...shown, timesMs: upTo(1_000) }, ['p95']);
    expect(horizon).toMatchObject({ requests: 1_000, failed: 0, meanMs: 500.5, isCutShort: false });
    expect(horizon.quantiles).toEqual({ p50: 500, p90: 900, p95: 950, p99: 990 });
  });

  it('takes requests that were not waited for as fast, so that quantiles are lower limits', () => {
    const horizon = measureHorizon({ ...shown, timesMs: [...upTo(40), Infinity], unseen: 59 }, ['p95']);
    // Of 100 the 95th is the 36th of the 41 that were seen.
    expect(horizon).toMatchObject({ requests: 100, failed: 1, isCutShort: true, growth: null });
    expect(horizon.quantiles).toMatchObject({ p50: 0, p95: 36, p99: 40 });
    expect(standingOfHorizon(horizon, { p95: 35 }, 0)).toBe('outside');
    expect(standingOfHorizon(horizon, { p95: 36 }, 0)).toBe('undecided');
  });

  it('has the growth of what was sent, unless it was cut short', () => {
    const sent = upTo(100).map((at) => ({ dueMs: 100 * at, timeMs: at <= 50 ? 10 : 12 }));
    expect(measureHorizon({ ...shown, timesMs: upTo(10), sent }, []).growth).toBe(1.2);
    expect(measureHorizon({ ...shown, timesMs: upTo(10), sent, unseen: 1 }, []).growth).toBeNull();
  });

  it('is certainly outside with more late requests than allowed, and not with as many', () => {
    const [{ atMost } = { atMost: NaN }] = lateAllowed(1_000, { p95: 50 });
    expect(atMost).toBe(50);
    const withLate = (late: number) =>
      measureHorizon({ ...shown, timesMs: upTo(1_000).map((at) => (at <= late ? 60 : 40)) }, ['p95']);
    expect(standingOfHorizon(withLate(50), { p95: 50 }, 0)).toBe('inside');
    expect(standingOfHorizon(withLate(51), { p95: 50 }, 0)).toBe('outside');
    expect(lateAllowed(10, null)).toEqual([{ limitMs: Number.MAX_VALUE, atMost: 0 }]);
  });
});

describe('what is sent', () => {
  it('comes at the rate, in order and in time', () => {
    const arrivals = drawArrivals(200, 10_000, seededRandom(3));
    // 2,000 with a deviation of 45.
    expect(Math.abs(arrivals.length - 2_000)).toBeLessThan(5 * 45);
    expect(arrivals.every((atMs, at) => atMs > (arrivals[at - 1] ?? 0) && atMs <= 10_000)).toBe(true);
  });
});

describe('the throughput of a probe', () => {
  it('leaves the warm-up out', () => {
    // Ten answers at 100 ms each, then 90 at 10 ms.
    const ends = upTo(100).map((at) => (at <= 10 ? 100 * at : 1_000 + 10 * (at - 10)));
    expect(probeRate(ends)).toBeCloseTo(100, 6);
    expect(probeRate([5])).toBeNull();
  });
});

describe('the time that a measurement takes', () => {
  it('is 47 minutes with what is written by default', () => {
    const terms = { levels: 7, measureMs: 3_000, horizonMs: 120_000, horizons: 14 };
    expect(probeMs(terms)).toBe(6_000);
    // 1.2 * 3 s * 9 + 6 * 30 s + 21 * 120 s + 15 * 6 s.
    expect(usualDurationMs(terms)).toBe(32_400 + 180_000 + 2_520_000 + 90_000);
  });
});

describe('what a search leaves', () => {
  const closed = [makeLevel(1, 100, 10), makeLevel(2, 150, 13)];
  it.each([
    [
      'the largest that held below the first that did not',
      [
        [80, true],
        [100, false],
        [110, true],
      ],
      80,
      100,
    ],
    [
      'four fifths of the smallest where none held',
      [
        [80, false],
        [64, false],
      ],
      51.2,
      64,
    ],
    ['no more than closed loops reach', [[200, true]], 150, null],
    ['nothing of nothing', [], null, null],
  ] as const)('is %s', (_, tried, heldPerSecond, failedPerSecond) => {
    const rates = tried.map(([perSecond, held]) => ({ perSecond, held }));
    const found = searchedRates(rates, closed, { p99: 50 });
    expect(found.failedPerSecond).toBe(failedPerSecond);
    if (heldPerSecond === null) expect(found.heldPerSecond).toBeNull();
    else expect(found.heldPerSecond).toBeCloseTo(heldPerSecond, 9);
  });

  it('without an objective is at most 85% of what closed loops reach', () => {
    expect(searchedRates([{ perSecond: 200, held: true }], closed, null).heldPerSecond).toBeCloseTo(127.5, 9);
  });
});
