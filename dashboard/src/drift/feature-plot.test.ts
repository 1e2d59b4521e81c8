import { describe, expect, it } from 'vitest';
import type { FeatureHistory } from '../../../src/core/monitoring/watch/inputs/feature-history.ts';
import {
  alarmPlaces,
  newestEvidence,
  placeOf,
  plotEvidence,
  plotFeature,
  spanOf,
  topOfEvidence,
} from './feature-plot.ts';

const span = { fromMs: 0, toMs: 100 };
const feature = (over: Partial<FeatureHistory>): FeatureHistory => ({
  ...{ name: 'amount', group: 'amount', kind: 'numeric', isLatched: false, capitalShare: 0, of: 'mean' },
  ...{ category: null, reference: null, values: [] },
  ...over,
});

describe('a feature as it is drawn', () => {
  it('breaks its line at a window without a value, and dots one that stands alone', () => {
    const { line, dots } = plotFeature(feature({ values: [0, 1, null, 1, null] }), [0, 25, 50, 75, 100], span);
    expect(line).toBe('M0 90.32L25 9.68M75 9.68');
    expect(dots).toEqual([{ x: 75, y: 9.68 }]);
  });

  it('always shows the band, however far the line is', () => {
    const reference = { value: 5, low: 4, high: 6, from: 'evaluation' } as const;
    const { band, low, high } = plotFeature(feature({ values: [1_000], reference }), [0], span);
    expect(band?.top).toBeGreaterThan(80);
    expect((band?.top ?? 0) + (band?.height ?? 0)).toBeLessThan(100);
    expect([low < 4, high > 1_000]).toEqual([true, true]);
  });

  it('draws a constant, and nothing where nothing is known', () => {
    expect(plotFeature(feature({ values: [0, 0] }), [0, 100], span).line).toBe('M0 50L100 50');
    expect(plotFeature(feature({ values: [7, 7] }), [0, 100], span).line).toBe('M0 50L100 50');
    expect(plotFeature(feature({ values: [null] }), [0], span)).toMatchObject({ line: null, dots: [], band: null });
    expect(spanOf({ atMs: [], trail: [] })).toBeNull();
    expect(spanOf({ atMs: [5], trail: [] })).toEqual({ fromMs: 5, toMs: 6 });
    expect(spanOf({ atMs: [5, 7], trail: [{ atMs: 9, statistic: 0, most: [] }] })).toEqual({ fromMs: 5, toMs: 9 });
    expect([-50, 50, 500].map((atMs) => placeOf(atMs, span))).toEqual([0, 50, 100]);
  });
});

describe('the evidence as it is drawn', () => {
  const trail = [
    { atMs: -10, statistic: 0.1, most: [] },
    { atMs: 50, statistic: 2, most: [{ name: 'amount', capital: 1 }], alarm: { kind: 'feature', name: 'amount' } },
    { atMs: 90, statistic: 0.01, most: [{ name: 'amount', capital: 0.001 }] },
    { atMs: 150, statistic: 9, most: [] },
  ] as const;

  it('has its threshold at a seventh, and ends where the drawing ends', () => {
    expect([10, 1, 1e-6, 0, 1e9].map(topOfEvidence)).toEqual([0, 14.29, 100, 100, 0]);
    expect(plotEvidence(trail, null, span)).toBe(`M0 28.57L50 ${topOfEvidence(2)}L90 42.86`);
    expect(plotEvidence(trail, 'amount', span)).toBe('M0 100L50 14.29L90 57.14');
    expect(plotEvidence([], null, span)).toBe('');
    expect([newestEvidence(trail, null), newestEvidence(trail, 'amount'), newestEvidence([], null)]).toEqual([
      9,
      0,
      null,
    ]);
  });

  it('marks alarms of the feature or its group, and of all where all is drawn', () => {
    expect(alarmPlaces(trail, { name: 'amount', group: 'x' }, span)).toEqual([50]);
    expect(alarmPlaces(trail, { name: 'x', group: 'amount' }, span)).toEqual([]);
    expect(alarmPlaces(trail, { name: null, group: null }, span)).toEqual([50]);
    const ofGroup = [{ ...trail[1], alarm: { kind: 'group', name: 'g' } as const }];
    expect(alarmPlaces(ofGroup, { name: 'amount', group: 'g' }, span)).toEqual([50]);
  });
});
