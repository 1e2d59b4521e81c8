import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planBatch } from './batch-plan.ts';

const job = (rows: number, batchKey = '') => ({ rows, batchKey });

describe('planBatch', () => {
  test('nothing waits, nothing is planned', () => {
    expect(planBatch([], 8)).toEqual({ picks: [], rows: 0 });
  });

  test('takes in order of arrival what fits', () => {
    expect(planBatch([job(3), job(4), job(2), job(1)], 8)).toEqual({ picks: [0, 1, 3], rows: 8 });
  });

  test('never joins different keys', () => {
    expect(planBatch([job(1, 'a'), job(1, 'b'), job(1, 'a')], 8)).toEqual({ picks: [0, 2], rows: 2 });
  });

  test('a request larger than the limit goes alone, unsplit', () => {
    expect(planBatch([job(20), job(1)], 8)).toEqual({ picks: [0], rows: 20 });
  });

  test('the oldest always goes, and no plan of several passes the limit', () => {
    const queue = fc.array(fc.record({ rows: fc.integer({ min: 1, max: 20 }), batchKey: fc.constantFrom('a', 'b') }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(queue, fc.integer({ min: 1, max: 16 }), (waiting, limit) => {
        const { picks, rows } = planBatch(waiting, limit);
        expect(picks[0]).toBe(0);
        expect(picks).toEqual([...new Set(picks)].sort((a, b) => a - b));
        expect(rows).toBe(picks.reduce((sum, at) => sum + (waiting[at]?.rows ?? 0), 0));
        expect(picks.length === 1 || rows <= limit).toBe(true);
        expect(new Set(picks.map((at) => waiting[at]?.batchKey)).size).toBe(1);
      }),
    );
  });
});
