import { describe, expect, it } from 'vitest';
import { defaultTolerance } from '../../distance/distance-measures.ts';
import type { ReferenceSummary } from '../../features/reference.ts';
import { digestOf } from '../../../units/digest.ts';
import { emptyDrift, type DriftState } from '../drift-state.ts';
import { historyFeaturesAtMost, historyWindowsAtMost, makeDriftHistory, strideOf } from './feature-history.ts';
import type { DriftWindow, FeatureTally } from '../windows/windows.ts';

const numeric = (mean: number, missing = 0): FeatureTally => ({
  n: 20 - missing,
  missing,
  mean,
  variance: 1,
  counts: {},
});
const shares = (counts: Record<string, number>): FeatureTally => ({ n: 20, missing: 0, mean: 0, variance: 0, counts });
const windowsOf = (tallies: (at: number) => Record<string, FeatureTally>, count = 10): readonly DriftWindow[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ number: at + 1, fromMs: at * 1_000, toMs: at * 1_000 + 900, rows: 20 },
    tallies: tallies(at),
  }));
const summary: ReferenceSummary = {
  ...{ referenceVersion: 1, featuresVersion: 1, rows: 1_000, ofRows: 1_000, cut: null },
  features: [
    {
      ...{ name: 'amount', group: 'amount', kind: 'numeric', missingShare: 0 },
      numeric: { mean: 5, sd: 2, quantiles: { p05: 1, p25: 3, p50: 5, p75: 7, p95: 9 } },
    },
    { name: 'class', group: 'class', kind: 'category', missingShare: 0, shares: { a: 0.5, b: 0.5 } },
  ],
};
const terms = {
  ...{ release: 3, rate: null, tolerance: defaultTolerance },
  reference: { digest: digestOf(summary), summary },
};
const state: DriftState = {
  ...emptyDrift,
  features: [
    { name: 'calm', group: 'calm', kind: 'numeric' },
    { name: 'amount', group: 'amount', kind: 'numeric' },
    { name: 'class', group: 'class', kind: 'category' },
  ],
  windows: 10,
};

describe('features over time', () => {
  it('puts what an alarm named first, then what left its band, and shows the category that moved', () => {
    const windows = windowsOf((at) => ({
      calm: numeric(1),
      amount: numeric(at < 5 ? 5 : 6),
      class: shares(at < 5 ? { a: 10, b: 10 } : { a: 1, b: 10, new: 9 }),
    }));
    const { features, atMs, more } = makeDriftHistory(state, terms, windows);
    expect(features.map(({ name }) => name)).toEqual(['class', 'amount', 'calm']);
    expect(features[0]).toMatchObject({ of: 'category', category: 'a' });
    expect(features[0]?.values).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.05, 0.05, 0.05, 0.05, 0.05]);
    expect(features[0]?.reference).toEqual({ value: 0.5, low: 0.4, high: 0.6, from: 'evaluation' });
    expect(features[1]).toMatchObject({ of: 'mean', reference: { value: 5, low: 4.6, high: 5.4 } });
    expect(features[2]?.reference).toBeNull();
    expect([atMs.length, more]).toEqual([10, 0]);
    const latched = [{ kind: 'group', name: 'calm' } as const];
    const alarmed = { ...state, budget: { ...state.budget, latched } };
    expect(makeDriftHistory(alarmed, terms, windows).features[0]).toMatchObject({ name: 'calm', isLatched: true });
  });

  it('shows what is missing where that moved further', () => {
    const windows = windowsOf((at) => ({ amount: numeric(5, at < 5 ? 0 : 15) }));
    const { features } = makeDriftHistory({ ...state, features: state.features.slice(1, 2) }, terms, windows);
    expect(features[0]).toMatchObject({ of: 'missing', reference: { value: 0, low: 0, high: 0.1 } });
    expect(features[0]?.values.at(-1)).toBe(0.75);
  });

  it('says nothing of a window that lacks a feature, whatever the name of it', () => {
    const odd = { name: '__proto__', group: 'odd', kind: 'numeric' } as const;
    const windows = windowsOf((at) => (at < 9 ? {} : { amount: numeric(NaN) }));
    const { features } = makeDriftHistory({ ...state, features: [...state.features, odd] }, terms, windows);
    for (const { values } of features) expect(values).toEqual(Array(10).fill(null));
  });

  it('sends a bounded number of features and windows', () => {
    const many = Array.from({ length: 500 }, (_, at) => ({ name: `f${at}`, group: 'g', kind: 'numeric' }) as const);
    const { features, more } = makeDriftHistory(
      { ...state, features: many },
      terms,
      windowsOf(() => ({}), 1),
    );
    expect([features.length, more]).toEqual([historyFeaturesAtMost, 500 - historyFeaturesAtMost]);
    expect([0, 1, historyWindowsAtMost, historyWindowsAtMost + 1, 2_000].map(strideOf)).toEqual([1, 1, 1, 2, 16]);
  });
});
