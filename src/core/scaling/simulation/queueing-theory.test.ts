import { describe, expect, it } from 'vitest';
import { compareQueue, queueingCases } from '../../../testing/oracles/queueing-cases.ts';
import {
  bulkSojournMs,
  erlangLossShare,
  erlangWaitMs,
  impatientShare,
  pollaczekWaitMs,
} from '../../../testing/oracles/queueing-forms.ts';
import { seededRandom } from '../../statistics/random.ts';
import { drawStart } from './draw-start.ts';

/** Each formula and its source stand in src/testing/oracles/queueing-forms.ts. */
describe('the simulator agrees with queueing theory', () => {
  it.each(queueingCases)('$name: $what', (queue) => {
    const { simulated, lower, upper } = compareQueue(queue, 30_000, 1);
    expect(queue.expected).toBeGreaterThan(lower);
    expect(queue.expected).toBeLessThan(upper);
    // The interval is narrow enough that a wrong rule falls out of it.
    expect((upper - lower) / 2 / simulated).toBeLessThan(0.09);
  });
});

describe('closed forms', () => {
  it('have the values that are printed in tables', () => {
    // Erlang's table: 10 lines at 8 erlangs lose 12.17%; M/M/2 at 75%: the wait is 9/7 of the work.
    expect(erlangLossShare(10, 8)).toBeCloseTo(0.1217, 4);
    expect(erlangWaitMs(2, 1.5, 1)).toBeCloseTo(9 / 7, 12);
    expect(pollaczekWaitMs(0.8, 1, 2)).toBeCloseTo(erlangWaitMs(1, 0.8, 1), 12);
    // Without patience only who finds the server free stays: the loss of one line.
    expect(impatientShare(0.5, 1, 0)).toBeCloseTo(erlangLossShare(1, 0.5), 12);
  });
  it('agree where a batch of one makes M/D/1 of bulk service', () => {
    expect(bulkSojournMs(0.007, [100])).toBeCloseTo(100 + pollaczekWaitMs(0.007, 100, 10_000), 6);
  });
});

describe('a drawn start', () => {
  it('has the mean, the shares and the failures of its distribution', () => {
    const starts = { timesMs: [1_000, 5_000, 20_000], shares: [0.18, 0.63, 0.9], failureShare: 0.1, starts: 0 };
    const random = seededRandom(7);
    const draws = Array.from({ length: 50_000 }, () => drawStart(starts, random));
    const mean = draws.reduce((sum, { durationMs }) => sum + durationMs, 0) / draws.length;
    // 0.2 * 1 + 0.5 * 5 + 0.3 * 20 s = 8.7 s, with a deviation of 8.0 s; 3.3 of its errors.
    expect(Math.abs(mean - 8_700)).toBeLessThan((3.3 * 8_000) / Math.sqrt(draws.length));
    const failed = draws.filter(({ fails }) => fails).length / draws.length;
    expect(Math.abs(failed - 0.1)).toBeLessThan(3.3 * Math.sqrt((0.1 * 0.9) / draws.length));
  });
  it('that is not known to end is given up at the last time', () => {
    const starts = { timesMs: [1_000, 5_000], shares: [0.3, 0.6], failureShare: 0, starts: 10 };
    const random = seededRandom(7);
    const draws = Array.from({ length: 20_000 }, () => drawStart(starts, random));
    expect(draws.filter(({ fails }) => fails).every(({ durationMs }) => durationMs === 5_000)).toBe(true);
    const failed = draws.filter(({ fails }) => fails).length / draws.length;
    expect(Math.abs(failed - 0.4)).toBeLessThan(3.3 * Math.sqrt((0.4 * 0.6) / draws.length));
  });
});
