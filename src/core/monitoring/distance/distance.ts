import { studentTwoSided } from '../../statistics/student-t.ts';
import type { FeatureValue } from '../detectors/control-learners.ts';
import { isUnknown } from '../features/custom-features.ts';
import type { FeatureRow } from '../features/read-row.ts';
import type { ReferenceFeature, ReferenceSummary } from '../features/reference.ts';
import {
  addToBatches,
  beginBatches,
  estimateBatches,
  estimateByPairs,
  estimateMean,
  type BatchMeans,
  type MeanEstimate,
} from './batch-means.ts';
import {
  countMeasures,
  measuresOf,
  scoreRow,
  tableOf,
  type CategoryTable,
  type DistanceMeasure,
} from './distance-measures.ts';
import { upperOfShares } from './upper-limit.ts';

/** What is known of all live rows: plain JSON, of constant size for a reference. */
export interface DistanceState {
  /** By feature, in the order of the reference, then by measure. */
  readonly measures: readonly (readonly MeasureState[])[];
}

export interface MeasureState {
  readonly measure: DistanceMeasure;
  /** Null until the first row of the period. */
  sinceMs: number | null;
  lengthMs: number;
  batches: BatchMeans;
  /** Looks at the limits in this period. */
  looks: number;
  /** Of the last look of this period, else of the last period that had one. */
  limit: DistanceLimit | null;
  /** Rows per category of the reference; empty for other measures. */
  counts: number[];
  /** The same of the rows of this period alone. */
  periodCounts?: number[] | undefined;
  /** The categories that came more often than in the reference, by the rows before the open batch. */
  more: boolean[];
  /** The newest rows by themselves: a period that a change cuts in two has no limit for long. */
  newest?: NewestRows;
  /** When the newest block began that agreed with the limit; null before the first limit. */
  agreedMs?: number | null;
}

/** A block of rows that is judged when it has 24 batches; the next one begins empty. */
interface NewestRows {
  sinceMs: number | null;
  /** Blocks of this period that were looked at. */
  looks: number;
  batches: BatchMeans;
}

export interface DistanceLimit {
  readonly sinceMs: number;
  readonly rows: number;
  /** Signed for `mean` and `missing`: above 0 where live rows lie higher. */
  readonly estimate: number;
  /** The distance is at least this. */
  readonly lower: number;
  /** It is at most this; absent where that is not known. */
  readonly upper?: number;
  /** When the last of these rows was seen. */
  readonly untilMs?: number;
  /** Half of the interval around the estimate, and the variance of the mean times the rows: of rows that depend on each other. */
  readonly half?: number;
  readonly rowVariance?: number;
  /** When rows still agreed with the limit before, which this one contradicts; absent where none was contradicted. */
  readonly changedAfterMs?: number;
}

/** All limits of one period hold together with this confidence, at every look. */
const confidence = 0.95;
/** A period ends after an hour, or as soon as it has a limit; one without a limit is followed by one twice as long. */
const shortestPeriodMs = 3_600_000;
const longestPeriodMs = 64 * shortestPeriodMs;

export function beginDistance({ features }: ReferenceSummary): DistanceState {
  return { measures: features.map((feature) => measuresOf(feature).map((measure) => beginMeasure(feature, measure))) };
}

function beginMeasure(feature: ReferenceFeature, measure: DistanceMeasure): MeasureState {
  const names = measure === 'shares' ? tableOf(feature).names : [];
  return {
    measure,
    sinceMs: null,
    lengthMs: shortestPeriodMs,
    batches: beginBatches(),
    looks: 0,
    limit: null,
    counts: names.map(() => 0),
    more: names.map((_, at) => at === names.length - 1),
  };
}

/** A state whose periods begin with the next row: after a change was noticed, rows from before it say nothing of now. */
export function restartPeriods({ measures }: DistanceState): DistanceState {
  return {
    measures: measures.map((each) => each.map((one) => ({ ...one, ...emptyPeriod(), newest: beginNewest() }))),
  };
}

/**
 * The state after some rows, in the order of their arrival. A row without an answer says nothing of outputs; a feature of
 * the reference that a row with an answer lacks is missing. `shareOfError` is the part of the 5% that these limits have.
 */
export function learnRows(
  state: DistanceState,
  reference: ReferenceSummary,
  rows: readonly Pick<FeatureRow, 'values'>[],
  nowMs: number,
  shareOfError = 1,
): DistanceState {
  // Half for the rows of the whole period, and half for blocks of the newest rows.
  const alpha = (shareOfError * (1 - confidence)) / 2 / Math.max(1, countMeasures(reference));
  const quantile = makeQuantile(alpha);
  const measures = state.measures.map((each, at) => {
    const feature = reference.features[at];
    if (feature === undefined) return each;
    const table = feature.kind === 'category' ? tableOf(feature) : noTable;
    const values = rows.map((row) => valueIn(row, feature));
    return each.map((one) => learnMeasure(one, feature, table, values, nowMs, quantile));
  });
  return { measures };
}

const noTable: CategoryTable = { names: [], shares: [] };
interface Quantile {
  (look: number, batches: number): number;
  /** The error of a look. */
  alphaOf(look: number): number;
}

const emptyPeriod = (): Pick<MeasureState, 'sinceMs' | 'batches' | 'looks' | 'periodCounts'> => ({
  ...{ sinceMs: null, batches: beginBatches(), looks: 0, periodCounts: undefined },
});

/** Student's t at alpha / (look x (look + 1)): over all looks the alphas sum to alpha. */
function makeQuantile(alpha: number): Quantile {
  const known = new Map<string, number>();
  const alphaOf = (look: number): number => alpha / (look * (look + 1));
  const quantile = (look: number, batches: number): number => {
    const key = `${look}/${batches}`;
    const found = known.get(key) ?? studentTwoSided(1 - alphaOf(look), batches - 1);
    known.set(key, found);
    return found;
  };
  return Object.assign(quantile, { alphaOf });
}

function learnMeasure(
  before: MeasureState,
  feature: ReferenceFeature,
  table: CategoryTable,
  values: readonly (FeatureValue | undefined)[],
  nowMs: number,
  quantile: Quantile,
): MeasureState {
  const to = {
    ...before,
    batches: { ...before.batches, sums: [...before.batches.sums] },
    counts: [...before.counts],
    more: [...before.more],
    newest: copyNewest(before.newest),
    ...(before.periodCounts === undefined ? {} : { periodCounts: [...before.periodCounts] }),
  };
  endPeriod(to, nowMs);
  for (const value of values) {
    if (value === undefined) continue;
    const score = to.measure === 'shares' ? scoreCategory(to, table, value) : scoreRow(feature, to.measure, value);
    if (score === null) continue;
    to.sinceMs ??= nowMs;
    const isLook = addToBatches(to.batches, score);
    if (to.measure === 'shares' && to.batches.openRows === 0) chooseMore(to, table);
    if (isLook) look(to, table, nowMs, quantile);
    learnNewest(to, to.newest, score, nowMs, quantile);
  }
  return to;
}

/** Undefined where the row says nothing of the feature. */
function valueIn({ values }: Pick<FeatureRow, 'values'>, feature: ReferenceFeature): FeatureValue | undefined {
  const value = values[feature.name];
  if (value !== undefined || isUnknown(feature, values)) return value;
  const { status } = values;
  return typeof status === 'string' && !status.startsWith('2') ? undefined : null;
}

function endPeriod(to: MeasureState, nowMs: number): void {
  if (to.sinceMs === null || nowMs - to.sinceMs < to.lengthMs) return;
  const hasLimit = to.limit !== null && to.limit.sinceMs === to.sinceMs;
  to.lengthMs = hasLimit ? shortestPeriodMs : Math.min(longestPeriodMs, 2 * to.lengthMs);
  Object.assign(to, emptyPeriod());
  to.newest = beginNewest();
  // What came more often is still a good guess; newer rows soon outweigh it.
  to.counts = to.counts.map((count) => count / 8);
}

/**
 * For any set of categories, the total variation is at least the live share less the share of the reference. The set was
 * chosen by earlier rows, so that the mean of these numbers is never above the distance but by chance.
 */
function scoreCategory(to: MeasureState, { names, shares }: CategoryTable, value: FeatureValue): number | null {
  if (typeof value !== 'string') return null;
  const found = names.indexOf(value);
  const at = found === -1 ? names.length - 1 : found;
  to.counts[at] = (to.counts[at] ?? 0) + 1;
  to.periodCounts ??= to.counts.map(() => 0);
  to.periodCounts[at] = (to.periodCounts[at] ?? 0) + 1;
  const expected = shares.reduce((sum, share, index) => sum + (to.more[index] === true ? share : 0), 0);
  return (to.more[at] === true ? 1 : 0) - expected;
}

function chooseMore(to: MeasureState, { shares }: CategoryTable): void {
  const total = to.counts.reduce((sum, count) => sum + count, 0);
  to.more = shares.map((share, at) => (to.counts[at] ?? 0) > share * total);
}

function look(to: MeasureState, { shares }: CategoryTable, nowMs: number, quantile: Quantile): void {
  const { sinceMs } = to;
  const estimate = estimateMean(to.batches);
  if (sinceMs === null) return;
  if ('batchRowsNeeded' in estimate) {
    renewUpper(to, shares, nowMs, quantile);
    return;
  }
  to.looks += 1;
  const limit = limitOf(to, to.batches.rows, estimate, quantile(to.looks, estimate.batches));
  const { changedAfterMs } = to.limit ?? {};
  const upper = upperOf(to, shares, limit, quantile.alphaOf(to.looks));
  to.limit = {
    ...{ sinceMs, untilMs: nowMs, ...limit },
    ...(upper === undefined ? {} : { upper }),
    ...(changedAfterMs === undefined ? {} : { changedAfterMs }),
  };
}

/**
 * A look that finds batches which depend on each other has no limit. What stood until the last look says nothing of the rows
 * since, so the upper limit is taken anew by longer batches. The lower limit, by which data left, stays that of the last look.
 */
function renewUpper(to: MeasureState, shares: readonly number[], nowMs: number, quantile: Quantile): void {
  const { limit, sinceMs } = to;
  const estimate = estimateByPairs(to.batches);
  if (limit === null || limit.sinceMs !== sinceMs || limit.upper === undefined || estimate === null) return;
  to.looks += 1;
  const seen = limitOf(to, to.batches.rows, estimate, quantile(to.looks, estimate.batches));
  const upper = upperOf(to, shares, seen, quantile.alphaOf(to.looks));
  if (upper !== undefined) to.limit = { ...limit, upper, untilMs: nowMs };
}

function upperOf(
  { measure, periodCounts, batches }: MeasureState,
  shares: readonly number[],
  { estimate, half, rowVariance }: ReturnType<typeof limitOf>,
  alpha: number,
): number | undefined {
  if (measure !== 'shares') return Math.abs(estimate) + half;
  return periodCounts === undefined
    ? undefined
    : upperOfShares({ counts: periodCounts, shares, batches, rowVariance, alpha });
}

function limitOf(
  { measure }: MeasureState,
  rows: number,
  { mean, standardError }: Pick<MeanEstimate, 'mean' | 'standardError'>,
  quantile: number,
): Omit<DistanceLimit, 'sinceMs'> & { readonly half: number; readonly rowVariance: number } {
  const half = quantile * standardError;
  // Only more of the chosen categories is a distance: less of them is chance.
  const off = measure === 'shares' ? mean : Math.abs(mean);
  return { rows, estimate: mean, lower: Math.max(0, off - half), half, rowVariance: rows * standardError ** 2 };
}

const beginNewest = (): NewestRows => ({ sinceMs: null, looks: 0, batches: beginBatches() });

const copyNewest = (from: NewestRows = beginNewest()): NewestRows => ({
  ...from,
  batches: { ...from.batches, sums: [...from.batches.sums] },
});

/**
 * Adds a score to the block of the newest rows. A block whose interval lies apart from that of the limit shows a change:
 * its limit takes the place of the older one, and the period begins anew. So few rows hide how long they depend on each
 * other: the variance of their mean counts as at least what the limit had.
 */
function learnNewest(to: MeasureState, newest: NewestRows, score: number, nowMs: number, quantile: Quantile): void {
  newest.sinceMs ??= nowMs;
  if (!addToBatches(newest.batches, score)) return;
  const { sinceMs, batches } = newest;
  const estimate = estimateBatches(batches);
  newest.sinceMs = null;
  newest.batches = beginBatches();
  const { limit } = to;
  if (limit?.half === undefined || limit.rowVariance === undefined) {
    to.agreedMs = null;
    return;
  }
  newest.looks += 1;
  const standardError = Math.max(estimate.standardError, Math.sqrt(limit.rowVariance / batches.rows));
  const seen = limitOf(to, batches.rows, { ...estimate, standardError }, quantile(newest.looks, estimate.batches));
  const isApart = Math.abs(seen.estimate - limit.estimate) > seen.half + limit.half;
  if (isApart) {
    to.limit = { sinceMs, ...seen, changedAfterMs: to.agreedMs ?? limit.sinceMs };
    Object.assign(to, emptyPeriod());
  }
  to.agreedMs = sinceMs;
}
