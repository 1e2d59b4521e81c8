import type { ControlFeature } from '../detectors/control-learners.ts';
import type { FeatureRow } from './read-row.ts';

/** Changes when `readRow` computes a feature in another way: summaries of other versions cannot be compared with live rows. */
export const featuresVersion = 1;

/** What the features of the evaluated rows and predictions were. Numbers have 6 significant digits. */
export interface ReferenceSummary {
  readonly referenceVersion: 1;
  readonly featuresVersion: number;
  /** Rows that were read, of `ofRows` rows of the dataset: a large dataset is read at even distances. */
  readonly rows: number;
  readonly ofRows: number;
  readonly features: readonly ReferenceFeature[];
  /** Why features are missing; null where none is. */
  readonly cut: string | null;
  /** The rows that have one value of a feature, the most common values; absent where the contract names no slices. */
  readonly slices?: readonly ReferenceSlice[];
}

export interface ReferenceSlice {
  readonly by: string;
  readonly value: string;
  readonly rows: number;
  /** What slices follow. */
  readonly features: readonly ReferenceFeature[];
}

export type ReferenceFeature = NumericReference | CategoryReference;

export interface NumericReference extends Omit<ControlFeature, 'kind'> {
  readonly kind: 'numeric';
  readonly missingShare: number;
  /** Null where every row is missing. */
  readonly numeric: NumericSummary | null;
}

export interface NumericSummary {
  readonly mean: number;
  readonly sd: number;
  readonly quantiles: Readonly<Record<QuantileName, number>>;
}

export type QuantileName = 'p05' | 'p25' | 'p50' | 'p75' | 'p95';

export interface CategoryReference extends Omit<ControlFeature, 'kind'> {
  readonly kind: 'category';
  readonly missingShare: number;
  /** Of the rows that are not missing: at most 32 categories, the most frequent; `otherCategories` has the rest. */
  readonly shares: Readonly<Record<string, number>>;
}

/** The share of all categories that have no share of their own. */
export const otherCategories = '(other)';
export const mostShares = 32;
/** Different categories that are counted before the rest counts together. */
const mostCounted = 4_096;
/** Values of a feature that quantiles are of: every second of them is forgotten when there are more. */
const mostKept = 1_024;

export interface ReferenceCollector {
  add(row: FeatureRow): void;
  summary(ofRows: number): ReferenceSummary;
}

/** Gathers rows one by one; memory grows with the number of features, and not with that of rows. */
export function collectReference(): ReferenceCollector {
  const gathered = new Map<string, Gathered>();
  let rows = 0;
  let cut: string | null = null;
  return {
    add(row) {
      rows += 1;
      cut ??= row.cut;
      for (const feature of row.features) {
        const found = gathered.get(feature.name) ?? beginGathering(feature);
        gathered.set(feature.name, found);
        gather(found, row.values[feature.name] ?? null);
      }
    },
    summary(ofRows) {
      const features = [...gathered.values()].map((each) => summarize(each, rows));
      return { referenceVersion: 1, featuresVersion, rows, ofRows, features, cut };
    },
  };
}

interface Gathered {
  readonly feature: ControlFeature;
  present: number;
  mean: number;
  squares: number;
  kept: number[];
  stride: number;
  readonly counts: Map<string, number>;
}

const beginGathering = (feature: ControlFeature): Gathered => ({
  feature,
  present: 0,
  mean: 0,
  squares: 0,
  kept: [],
  stride: 1,
  counts: new Map(),
});

function gather(to: Gathered, value: number | string | null): void {
  if (value === null) return;
  to.present += 1;
  if (typeof value === 'string') countCategory(to.counts, value);
  else gatherNumber(to, value);
}

function countCategory(counts: Map<string, number>, value: string): void {
  const name = counts.has(value) || counts.size < mostCounted ? value : otherCategories;
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Mean and squares after Welford (1962); a value is kept where its number is a multiple of the stride. */
function gatherNumber(to: Gathered, value: number): void {
  const off = value - to.mean;
  to.mean += off / to.present;
  to.squares += off * (value - to.mean);
  if ((to.present - 1) % to.stride !== 0) return;
  to.kept.push(value);
  if (to.kept.length < mostKept) return;
  to.kept = to.kept.filter((_, at) => at % 2 === 0);
  to.stride *= 2;
}

function summarize({ feature, present, mean, squares, kept, counts }: Gathered, rows: number): ReferenceFeature {
  const { name, group, kind } = feature;
  const missingShare = rounded(1 - present / rows);
  if (kind === 'category') return { name, group, kind, missingShare, shares: sharesOf(counts, present) };
  const sorted = kept.toSorted((a, b) => a - b);
  const quantile = (share: number): number => rounded(sorted[Math.round(share * (sorted.length - 1))] ?? 0);
  const quantiles = {
    p05: quantile(0.05),
    p25: quantile(0.25),
    p50: quantile(0.5),
    p75: quantile(0.75),
    p95: quantile(0.95),
  };
  const sd = Math.sqrt(squares / Math.max(1, present - 1));
  // A spread or a mean beyond the largest number is no summary.
  const isFinite = present > 0 && Number.isFinite(mean) && Number.isFinite(sd);
  const numeric = isFinite ? { mean: rounded(mean), sd: rounded(sd), quantiles } : null;
  return { name, group, kind, missingShare, numeric };
}

function sharesOf(counts: ReadonlyMap<string, number>, present: number): Readonly<Record<string, number>> {
  const named = [...counts].filter(([name]) => name !== otherCategories);
  const sorted = named.sort(([a, first], [b, second]) => second - first || (a < b ? -1 : 1)).slice(0, mostShares);
  const left = present - sorted.reduce((sum, [, count]) => sum + count, 0);
  const shown = left === 0 ? sorted : [...sorted, [otherCategories, left] as const];
  return Object.fromEntries(shown.map(([name, count]) => [name, rounded(count / present)]));
}

const rounded = (value: number): number => Number(value.toPrecision(6));
