import { describe, expect, it } from 'vitest';
import { readArrivals } from './read-arrivals.ts';
import { readMixShifts, workFactorAt } from './mix-shift.ts';

describe('a mix that moves', () => {
  it('multiplies the work from each shift on, and leaves the times of arrivals alone', () => {
    const text = 'constant:rate=1/s,for=6s,work=100ms';
    const moved = [...{ [Symbol.iterator]: readArrivals(`${text},mix=(2s*3,4s*0.5)`, 1).arrivals }];
    expect(moved.map(({ workMs }) => workMs)).toEqual([100, 100, 300, 300, 50, 50]);
    const drawn = 'poisson:rate=5/s,for=20s,work=exp(100ms)';
    const [plain, late] = [drawn, `${drawn},mix=10s*2`].map((each) => [
      ...{ [Symbol.iterator]: readArrivals(each, 1).arrivals },
    ]);
    expect(late).toEqual(plain?.map(({ atMs, workMs }) => ({ atMs, workMs: atMs < 10_000 ? workMs : 2 * workMs })));
  });

  it('has the factor 1 before the first shift', () => {
    const mix = [
      { fromMs: 10, factor: 2 },
      { fromMs: 20, factor: 0.5 },
    ];
    expect([0, 9, 10, 19, 20, 1e9].map((atMs) => workFactorAt(mix, atMs))).toEqual([1, 1, 2, 2, 0.5, 0.5]);
  });

  it.each(['', '10s', '10s*0', '10s*-1', '10s*2*3', '(20s*2,10s*3)', 'soon*2', '10*2'])('%j is refused', (text) => {
    expect(readMixShifts(text)).toMatchObject({ ok: false, expected: expect.stringContaining('(30m*2,1h*0.5)') });
  });
});
