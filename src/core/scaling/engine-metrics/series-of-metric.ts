import type { SeriesFilter } from './metric-rule.ts';
import { labelOf, seriesKey, type MetricSample, type MetricsReading } from './reading.ts';
import { told, unknown, type Told, type UnknownReason } from './told.ts';

/** What two readings of one replica are judged against. */
export interface ReadingPair {
  readonly before: MetricsReading | null;
  readonly now: MetricsReading;
  readonly nowMs: number;
  readonly staleAfterMs: number;
}

/** The series of the first name that has any. */
export function seriesOf(
  reading: MetricsReading,
  names: readonly string[],
  only: SeriesFilter | undefined,
): readonly MetricSample[] {
  for (const name of names) {
    const series = reading.samples.filter((sample) => sample.name === name && isLookedAt(sample, only));
    if (series.length > 0) return series;
  }
  return [];
}

function isLookedAt(sample: MetricSample, only: SeriesFilter | undefined): boolean {
  const value = only === undefined ? null : labelOf(sample, only.label);
  if (only === undefined || value === null) return true;
  return only.matches === 'equals' ? value === only.value : value.includes(only.value);
}

/** Why none of these samples may be used; null when all may. */
export function faultOf(series: readonly MetricSample[], pair: ReadingPair): UnknownReason | null {
  if (series.length === 0) return 'missing';
  if (series.some(({ atMs }) => pair.nowMs - (atMs ?? pair.now.readAtMs) > pair.staleAfterMs)) return 'stale';
  if (series.some(({ value }) => !Number.isFinite(value))) return 'not-a-number';
  return series.some(({ value }) => value < 0) ? 'impossible' : null;
}

export const sumOf = (series: readonly MetricSample[]): number => series.reduce((sum, { value }) => sum + value, 0);

export interface Increase {
  readonly told: Told;
  /** Between the samples that were compared; 0 when the increase is not known. */
  readonly overMs: number;
}

const notTold = (reason: UnknownReason): Increase => ({ told: unknown(reason), overMs: 0 });

/**
 * Increase of a counter over all its series between two readings. A series that is new beside others begins at zero, as a
 * counter does with the first request of its kind; one that went, or fell, is a reset, after which nothing is known of the
 * interval: what was counted before the end of the process is lost.
 */
export function increaseOf(pair: ReadingPair, names: readonly string[], only: SeriesFilter | undefined): Increase {
  const either = names.flatMap((name) => [name, `${name}_total`]);
  const now = seriesOf(pair.now, either, only);
  const fault = faultOf(now, pair);
  if (fault !== null) return notTold(fault);
  if (pair.before === null) return notTold('first-reading');
  return compare(seriesOf(pair.before, [now[0]?.name ?? ''], only), now, pair.before.readAtMs, pair.now.readAtMs);
}

function compare(
  before: readonly MetricSample[],
  now: readonly MetricSample[],
  beforeReadMs: number,
  nowReadMs: number,
): Increase {
  if (before.length === 0) return notTold('first-reading');
  if (before.some(({ value }) => !Number.isFinite(value))) return notTold('not-a-number');
  const earlier = new Map(before.map((sample) => [seriesKey(sample), sample]));
  let increase = 0;
  let overMs = 0;
  for (const sample of now) {
    const base = earlier.get(seriesKey(sample));
    earlier.delete(seriesKey(sample));
    if (base !== undefined && sample.value < base.value) return notTold('reset');
    increase += sample.value - (base?.value ?? 0);
    if (base !== undefined) overMs = Math.max(overMs, (sample.atMs ?? nowReadMs) - (base.atMs ?? beforeReadMs));
  }
  if (earlier.size > 0) return notTold('reset');
  return overMs > 0 ? { told: told(increase), overMs } : notTold('no-new-sample');
}

/** The start of the process, which most clients export: https://prometheus.io/docs/instrumenting/writing_clientlibs/ */
export const processStart = 'process_start_time_seconds';

/** Whether the process started anew between two readings, which its counters alone do not show once they have grown past. */
export function startedAnew({ before, now }: ReadingPair): boolean {
  if (before === null) return false;
  const earlier = new Map(
    seriesOf(before, [processStart], undefined).map((sample) => [seriesKey(sample), sample.value]),
  );
  return seriesOf(now, [processStart], undefined).some(
    (sample) => Math.abs(sample.value - (earlier.get(seriesKey(sample)) ?? sample.value)) > 1,
  );
}
