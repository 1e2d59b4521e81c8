import { studentTwoSided } from '../../statistics/distributions/student-t.ts';
import type { FeatureValue } from '../detectors/control-learners.ts';
import { customGroup } from '../features/custom-features.ts';
import type { ReferenceFeature, ReferenceSummary } from '../features/reference.ts';
import { readValue, type RowValues } from '../features/row-values.ts';
import {
  addToBatch,
  beginBatches,
  closeBatch,
  estimateBatches,
  estimateByPairs,
  estimateMean,
  roomOf,
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
import {
  beginNewest,
  draftDistance,
  type DistanceLimit,
  type DistanceState,
  type MeasureState,
  type NewestRows,
} from './distance-state.ts';
import { upperOfShares } from './upper-limit.ts';

/** All limits of one period hold together with this confidence, at every look. */
const confidence = 0.95;
/** Full batches from one look at upper limits to the next. */
const batchesBetween = 4;
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
  rows: readonly RowValues[],
  nowMs: number,
  shareOfError = 1,
): DistanceState {
  const draft = draftDistance(state);
  addRows(draft, reference, rows, nowMs, shareOfError);
  return draft;
}

/** `learnRows` in place. */
export function addRows(
  to: DistanceState,
  reference: ReferenceSummary,
  rows: readonly RowValues[],
  nowMs: number,
  shareOfError = 1,
): void {
  const quantiles = makeQuantiles((shareOfError * (1 - confidence)) / Math.max(1, countMeasures(reference)));
  const scores = new Float64Array(rows.length);
  for (const [at, each] of to.measures.entries()) {
    const feature = reference.features[at];
    if (feature === undefined) continue;
    const values = rows.map((row) => valueIn(row, feature));
    for (const one of each) addValues(one, feature, values, scores, nowMs, quantiles);
  }
}

const noTable: CategoryTable = { names: [], shares: [] };
interface Quantile {
  (look: number, batches: number): number;
  /** The error of a look. */
  alphaOf(look: number): number;
}

/** Parts of the error of a measure; together they are all of it. */
interface Quantiles {
  /** Looks at the rows of the whole period. */
  readonly period: Quantile;
  /** Looks between these, at upper limits alone. */
  readonly between: Quantile;
  /** Blocks of the newest rows. */
  readonly newest: Quantile;
}

const makeQuantiles = (alpha: number): Quantiles => ({
  period: makeQuantile(0.4 * alpha),
  between: makeQuantile(0.1 * alpha),
  newest: makeQuantile(0.5 * alpha),
});

const emptyPeriod = (): Pick<MeasureState, 'sinceMs' | 'batches' | 'looks' | 'looksBetween' | 'periodCounts'> => ({
  ...{ sinceMs: null, batches: beginBatches(), looks: 0, looksBetween: 0, periodCounts: undefined },
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

function addValues(
  to: MeasureState,
  feature: ReferenceFeature,
  values: readonly (FeatureValue | undefined)[],
  scores: Float64Array,
  nowMs: number,
  quantiles: Quantiles,
): void {
  endPeriod(to, nowMs);
  if (to.measure === 'shares') {
    addCategories(to, tableOf(feature), values, nowMs, quantiles);
    return;
  }
  let count = 0;
  for (const value of values) {
    const score = value === undefined ? null : scoreRow(feature, to.measure, value);
    if (score !== null) scores[count++] = score;
  }
  addScores(to, noTable, scores, count, nowMs, quantiles);
}

/** One by one, because each full batch decides by which categories the next rows are scored. */
function addCategories(
  to: MeasureState,
  table: CategoryTable,
  values: readonly (FeatureValue | undefined)[],
  nowMs: number,
  quantiles: Quantiles,
): void {
  const one = new Float64Array(1);
  for (const value of values) {
    const score = value === undefined ? null : scoreCategory(to, table, value);
    if (score === null) continue;
    one[0] = score;
    addScores(to, table, one, 1, nowMs, quantiles);
  }
}

/** Adds scores as far as no batch is full, looks at what is full, and goes on. */
function addScores(
  to: MeasureState,
  table: CategoryTable,
  scores: Float64Array,
  count: number,
  nowMs: number,
  quantiles: Quantiles,
): void {
  for (let at = 0; at < count;) {
    const newest = (to.newest ??= beginNewest());
    const { batches } = to;
    to.sinceMs ??= nowMs;
    const blockSinceMs = (newest.sinceMs ??= nowMs);
    const end = Math.min(count, at + roomOf(batches), at + roomOf(newest.batches));
    addToBatch(batches, scores, at, end);
    addToBatch(newest.batches, scores, at, end);
    at = end;
    if (roomOf(batches) === 0) {
      const isLook = closeBatch(batches);
      if (to.measure === 'shares') chooseMore(to, table);
      if (isLook) look(to, table, nowMs, quantiles.period);
      else if (batches.sums.length % batchesBetween === 0) lookBetween(to, table, nowMs, quantiles.between);
    }
    if (roomOf(newest.batches) === 0 && closeBatch(newest.batches))
      judgeNewest(to, newest, blockSinceMs, quantiles.newest);
  }
}

/** Undefined where the row says nothing of the feature. */
function valueIn(row: RowValues, feature: ReferenceFeature): FeatureValue | undefined {
  const value = readValue(row, feature.name);
  if (value !== undefined || feature.group === customGroup) return value;
  const status = readValue(row, 'status');
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
    lookByPairs(to, shares, nowMs, quantile);
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
 * A look that finds batches which depend on each other has no limit; it looks at batches of twice as many rows instead.
 *
 * - What stood until the last look says nothing of the rows since: its upper limit is taken anew. The lower limit, by which
 *   data left, stays that of the last look.
 * - Where there was no limit yet, this one says that data may be within or without, and the newest rows are held against it.
 *   Without it a feature whose first batches seemed to depend on each other by chance would not see a change for an hour.
 */
function lookByPairs(to: MeasureState, shares: readonly number[], nowMs: number, quantile: Quantile): void {
  const { limit, sinceMs } = to;
  const isOfPeriod = limit !== null && limit.sinceMs === sinceMs && limit.upper !== undefined;
  const estimate = estimateByPairs(to.batches);
  if (sinceMs === null || estimate === null || !(isOfPeriod || limit === null)) return;
  to.looks += 1;
  const seen = limitOf(to, to.batches.rows, estimate, quantile(to.looks, estimate.batches));
  const upper = upperOf(to, shares, seen, quantile.alphaOf(to.looks));
  if (upper === undefined) return;
  to.limit = { ...(isOfPeriod ? limit : { sinceMs, ...seen, lower: 0 }), upper, untilMs: nowMs };
}

/**
 * Looks at the upper limit of a period again, between two looks. These come each time that there are a third more rows: after an
 * hour of rows, whether newer rows stayed within would be known 20 minutes later. Whoever judges newer rows waits for that.
 */
function lookBetween(to: MeasureState, { shares }: CategoryTable, nowMs: number, quantile: Quantile): void {
  const { limit, sinceMs } = to;
  if (sinceMs === null || limit?.sinceMs !== sinceMs) return;
  const mean = estimateMean(to.batches);
  const estimate = 'batchRowsNeeded' in mean ? estimateByPairs(to.batches) : mean;
  if (estimate === null) return;
  to.looksBetween = (to.looksBetween ?? 0) + 1;
  const seen = limitOf(to, to.batches.rows, estimate, quantile(to.looksBetween, estimate.batches));
  const upper = upperOf(to, shares, seen, quantile.alphaOf(to.looksBetween));
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

/**
 * Judges a full block of the newest rows. A block whose interval lies apart from that of the limit shows a change:
 * its limit takes the place of the older one, and the period begins anew. So few rows hide how long they depend on each
 * other: the variance of their mean counts as at least what the limit had.
 */
function judgeNewest(to: MeasureState, newest: NewestRows, sinceMs: number, quantile: Quantile): void {
  const { batches } = newest;
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
