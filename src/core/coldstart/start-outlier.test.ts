import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../testing/builders/files/onnx-models.ts';
import type { ObservedStart } from './start-distribution.ts';
import { predictionLimit, startDepartures } from './start-outlier.ts';

const start = (totalMs: number, loadMs = totalMs / 2, outcome: ObservedStart['outcome'] = 'ready'): ObservedStart => ({
  totalMs,
  outcome,
  phases: outcome === 'ready' ? [{ phases: ['weights-load'], durationMs: loadMs }] : [],
});
const reference = Array.from({ length: 29 }, (_, at) => start(1_000 + 10 * at, 500 + 2 * at));

describe('a start that leaves the distribution', () => {
  it('is one whose whole took longer than starts do, with the numbers', () => {
    expect(startDepartures(start(1_280, 530), reference)).toEqual([]);
    const [first] = startDepartures(start(9_000, 500), reference);
    expect(first).toMatchObject({ phases: [], tookMs: 9_000 });
    expect(first?.reason).toMatch(/^the whole start took 9s; 29 measured starts say at most 1\.\ds$/);
  });

  it('is one of which a phase took longer, though the whole did not', () => {
    const [departure, ...rest] = startDepartures(start(1_200, 900), reference);
    expect(rest).toEqual([]);
    expect(departure).toMatchObject({ phases: ['weights-load'], tookMs: 900 });
    expect(departure?.reason).toContain('weights-load took 900ms');
  });

  it('is one that has lasted too long without being ready, and not one that failed at once', () => {
    expect(startDepartures(start(60_000, 0, 'running'), reference)[0]?.reason).toContain('has lasted 1m 0s');
    expect(startDepartures(start(20, 0, 'failed'), reference)).toEqual([]);
  });

  it('is not told by a few starts, nor by those that never became ready', () => {
    expect(startDepartures(start(9_000), reference.slice(0, 9))).toEqual([]);
    const failed = Array.from({ length: 29 }, () => start(5, 0, 'failed'));
    expect(startDepartures(start(9_000), [...failed, ...reference.slice(0, 9)])).toEqual([]);
  });
});

describe('the prediction limit', () => {
  it('is an order statistic where there are enough observations', () => {
    const times = Array.from({ length: 199 }, (_, at) => at + 1);
    expect(predictionLimit(times, 0.01)).toBe(198);
    expect(predictionLimit(times, 0.005)).toBe(199);
  });

  it('of few observations is that of Hahn and Meeker 1991, and never below the largest of them', () => {
    // Normal in the logarithm: mean 0, variance 1 (of n - 1), n = 10, one-sided 95%: t = 1.833, factor 1.923.
    const logs = [-1, 1, -1, 1, -1, 1, -1, 1, -1, 1].map((each) => each * Math.sqrt(0.9));
    expect(Math.log(predictionLimit(logs.map(Math.exp), 0.05))).toBeCloseTo(1.833 * Math.sqrt(1.1), 3);
    expect(predictionLimit([1, 1, 1, 1, 1, 1, 1, 1, 1, 500], 0.05)).toBeGreaterThanOrEqual(500);
  });

  it.each([
    ['exponential', (uniform: number) => -Math.log(1 - uniform), 250],
    ['uniform', (uniform: number) => 1 + uniform, 29],
  ])('keeps its false alarms: %s', (_name, draw, size) => {
    const random = seededRandom(5);
    const rounds = 20_000;
    let alarms = 0;
    for (let round = 0; round < rounds / 20; round += 1) {
      const times = Array.from({ length: size }, () => draw(random()));
      const limit = predictionLimit(times, 0.01);
      for (let again = 0; again < 20; again += 1) if (draw(random()) > limit) alarms += 1;
    }
    expect(alarms / rounds).toBeLessThan(0.015);
  });
});
