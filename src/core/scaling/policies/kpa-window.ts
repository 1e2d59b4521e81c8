/**
 * The ring of one-second buckets behind a KPA's averages, as a list without gaps: bucket `i` is second `firstSecond + i`.
 * knative/serving pkg/autoscaler/aggregation/bucketing.go `TimedFloat64Buckets`.
 */
export interface KpaBuckets {
  readonly firstSecond: number;
  readonly values: readonly number[];
}

export const emptyKpaBuckets: KpaBuckets = { firstSecond: 0, values: [] };

/** One bucket holds one second: `BucketSize` of pkg/autoscaler/metrics/collector.go. */
export function secondOf(nowMs: number): number {
  return Math.floor(nowMs / 1000);
}

/**
 * The value for this second and for those since the last one, which a decider that is asked every two seconds did not see. The
 * original scrapes every second and counts a scrape that failed as 0; here what is unknown is left out, and is never 0.
 * A whole window without a value begins anew.
 */
export function withBucket(buckets: KpaBuckets, second: number, value: number, windowBuckets: number): KpaBuckets {
  const lastSecond = buckets.firstSecond + buckets.values.length - 1;
  if (buckets.values.length === 0 || second - lastSecond >= windowBuckets)
    return { firstSecond: second, values: [value] };
  if (second <= lastSecond) return { ...buckets, values: [...buckets.values.slice(0, -1), value] };
  const values = [...buckets.values, ...Array<number>(second - lastSecond).fill(value)].slice(-windowBuckets);
  return { firstSecond: second - values.length + 1, values };
}

/**
 * `WindowAverage` over the last `windowBuckets` seconds: of as many buckets as there are since the first; without recent
 * values, over the part of the window that has some; 0 when it has none. Six digits, rounded down, as the original.
 */
export function windowAverage({ firstSecond, values }: KpaBuckets, second: number, windowBuckets: number): number {
  const lastSecond = firstSecond + values.length - 1;
  const silent = Math.max(0, second - lastSecond);
  const within = Math.min(values.length, windowBuckets - silent);
  if (within <= 0) return 0;
  const sum = values.slice(-within).reduce((total, value) => total + value, 0);
  return Math.floor((sum / within) * 1e6) / 1e6;
}

/** No value for more than a window: there is nothing to decide by (`IsEmpty`, ErrNoData). */
export function isEmptyAt({ firstSecond, values }: KpaBuckets, second: number, windowBuckets: number): boolean {
  return values.length === 0 || second - (firstSecond + values.length - 1) > windowBuckets;
}
