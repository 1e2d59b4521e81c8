import { describe, expect, test } from 'vitest';
import type { FeatureValue } from '../detectors/control-learners.ts';
import type { FeatureRow } from './read-row.ts';
import { collectReference, type ReferenceSummary } from './reference.ts';

function summaryOf(name: string, kind: 'numeric' | 'category', values: readonly FeatureValue[]): ReferenceSummary {
  const collector = collectReference();
  for (const value of values) collector.add(rowOf(name, kind, value));
  return collector.summary(values.length);
}

const rowOf = (name: string, kind: 'numeric' | 'category', value: FeatureValue): FeatureRow => ({
  values: { [name]: value },
  features: [{ name, group: name, kind }],
  cut: null,
});

describe('numbers', () => {
  test('mean, deviation, quantiles and the share that is missing', () => {
    const values = Array.from({ length: 100 }, (_, at) => at);
    const { rows, features } = summaryOf('amount', 'numeric', [...values, null, null, null, null]);
    expect(rows).toBe(104);
    expect(features).toEqual([
      {
        name: 'amount',
        group: 'amount',
        kind: 'numeric',
        missingShare: 0.0384615,
        numeric: { mean: 49.5, sd: 29.0115, quantiles: { p05: 5, p25: 25, p50: 50, p75: 74, p95: 94 } },
      },
    ]);
  });

  test('many rows keep few values, and the quantiles stay right', () => {
    const { features } = summaryOf(
      'amount',
      'numeric',
      Array.from({ length: 50_000 }, (_, at) => (at * 7_919) % 50_000),
    );
    expect(features[0]).toMatchObject({ numeric: { mean: 24999.5 } });
    const { quantiles } = (features[0] as { numeric: { quantiles: Record<string, number> } }).numeric;
    expect(Math.abs((quantiles['p50'] ?? 0) - 25_000)).toBeLessThan(2_000);
    expect(Math.abs((quantiles['p95'] ?? 0) - 47_500)).toBeLessThan(2_000);
  });

  test('one value has no deviation, none has no summary, and what overflows has none', () => {
    expect(summaryOf('a', 'numeric', [3]).features[0]).toMatchObject({ numeric: { mean: 3, sd: 0 } });
    expect(summaryOf('a', 'numeric', [null]).features[0]).toMatchObject({ missingShare: 1, numeric: null });
    expect(summaryOf('a', 'numeric', [1.7e308, -1.7e308]).features[0]).toMatchObject({ numeric: null });
  });
});

describe('categories', () => {
  test('shares are of the rows that are not missing', () => {
    expect(summaryOf('c', 'category', ['a', 'b', 'a', null, 'a']).features[0]).toMatchObject({
      missingShare: 0.2,
      shares: { a: 0.75, b: 0.25 },
    });
  });

  test('a million categories are 32 shares and the rest', () => {
    const values = Array.from({ length: 1_000_000 }, (_, at) => (at % 2 === 0 ? 'common' : `id-${at}`));
    const [feature] = summaryOf('c', 'category', values).features;
    const { shares } = feature as { shares: Record<string, number> };
    expect(Object.keys(shares)).toHaveLength(33);
    expect(shares['common']).toBe(0.5);
    expect(shares['(other)']).toBeCloseTo(0.5, 3);
  });
});
