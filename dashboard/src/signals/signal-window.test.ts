import { describe, expect, it } from 'vitest';
import type { SignalSample } from '../../../src/schemas/view/view.ts';
import { addSamples, columnsOf, historyWindow, pointAt, sampleAt, signalWindow } from './signal-window.ts';

const sample = (atMs: number, latencyP50Ms: number | null = 2): SignalSample => ({
  atMs,
  requestsPerSecond: 40,
  errorsPerSecond: 0,
  queueDepth: 0,
  inFlight: 1,
  latencyP50Ms,
  latencyP99Ms: 9,
  batchFillShare: null,
});

describe('keeping samples', () => {
  it('is bounded and keeps the newest', () => {
    let kept: readonly SignalSample[] = [];
    for (let second = 0; second < 1_000; second += 1) kept = addSamples(kept, [sample(second * 1000)]);
    expect(kept.length).toBe(630);
    expect(kept.at(-1)?.atMs).toBe(999_000);
  });
  it('puts what comes late in its place, once', () => {
    const kept = addSamples(addSamples([], [sample(3_000)]), [sample(1_000), sample(3_000), sample(2_000)]);
    expect(kept.map(({ atMs }) => atMs)).toEqual([1_000, 2_000, 3_000]);
  });
});

describe('the window', () => {
  it('breaks the line where a second is missing, and names the stretch unknown', () => {
    const window = signalWindow([sample(296_000), sample(297_000), sample(301_000)], 301_000);
    const [seconds, latency] = columnsOf(window, ['latencyP50Ms']);
    expect(seconds).toEqual([296, 297, 299, 301]);
    expect(latency).toEqual([2, 2, null, 2]);
    expect(window.unknown).toEqual([
      { fromMs: 1_000, toMs: 296_000 },
      { fromMs: 297_000, toMs: 301_000 },
    ]);
  });
  it('takes seconds in which no gateway reported for unknown', () => {
    const silent = {
      ...sample(298_000),
      requestsPerSecond: null,
      errorsPerSecond: null,
      queueDepth: null,
      inFlight: null,
    };
    const window = signalWindow([sample(295_000), silent, sample(299_000)], 299_000);
    expect(columnsOf(window, ['requestsPerSecond'])[1]).toEqual([40, null, 40]);
    expect(window.unknown.at(-1)).toEqual({ fromMs: 295_000, toMs: 299_000 });
  });
  it('keeps an unknown latency unknown', () => {
    expect(columnsOf(signalWindow([sample(1_000, null)], 2_000), ['latencyP50Ms'])[1]).toEqual([null]);
  });
  it('is not fooled by jitter of a second', () => {
    const window = signalWindow([sample(0), sample(1_900), sample(2_100)], 2_200);
    expect(window.points.some((point) => 'hole' in point)).toBe(false);
  });
  it('goes on when the control plane does not, so that the hole shows', () => {
    const window = signalWindow([sample(10_000)], 70_000);
    expect(window.unknown.at(-1)).toEqual({ fromMs: 10_000, toMs: 70_000 });
  });
  it('is wholly unknown before the first sample', () => {
    expect(signalWindow([], 300_000)).toMatchObject({ points: [], unknown: [{ fromMs: 0, toMs: 300_000 }] });
  });
});

describe('reading a moment', () => {
  it('finds the nearest sample, and nothing in a hole', () => {
    const samples = [sample(1_000), sample(2_000), sample(9_000)];
    expect(sampleAt(samples, 2_300)?.atMs).toBe(2_000);
    expect(sampleAt(samples, 5_000)).toBeNull();
  });
});

describe('a day', () => {
  const minute = 60_000;
  const point = (atMs: number, spanMs: number) => ({
    ...sample(atMs),
    requestsPerSecond: 1,
    errorsPerSecond: 0,
    spanMs,
  });

  it('draws spans of any length at their ends, and what lies between them as unknown', () => {
    const history = [point(20 * minute, 10 * minute), point(30 * minute, 10 * minute), point(41 * minute, minute)];
    const window = historyWindow(history, 60 * minute, 3600);
    expect(columnsOf(window, ['latencyP50Ms'])).toEqual([
      [1_200, 1_800, 2_100, 2_460],
      [2, 2, null, 2],
    ]);
    expect(window.unknown).toEqual([
      { fromMs: 0, toMs: 10 * minute },
      { fromMs: 30 * minute, toMs: 40 * minute },
      { fromMs: 41 * minute, toMs: 60 * minute },
    ]);
  });

  it('is read by the span that holds the moment', () => {
    const history = [point(20 * minute, 10 * minute), point(41 * minute, minute)];
    expect(pointAt(history, 11 * minute)?.atMs).toBe(20 * minute);
    expect(pointAt(history, 30 * minute)).toBeNull();
    expect(pointAt(history, 40.5 * minute)?.atMs).toBe(41 * minute);
  });
});
