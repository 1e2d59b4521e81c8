/** How fast a bucket fills, and how much it holds. */
export interface BucketSize {
  readonly perSecond: number;
  /** What may be taken at once after a pause; at least 1. */
  readonly burst: number;
}

/**
 * When a bucket is full again, milliseconds of a clock that never steps. One number is the whole state of a bucket: of one that is full
 * now, and of one that was never used, it is any time that has passed.
 */
export type FullAtMs = number;

/** Returns what is in the bucket; negative while more was charged than it held. */
export function readTokens(fullAtMs: FullAtMs, { perSecond, burst }: BucketSize, nowMs: number): number {
  return burst - (Math.max(0, fullAtMs - nowMs) * perSecond) / 1000;
}

/**
 * Returns how long to wait until `cost` may be taken, milliseconds; 0: now. What costs more than a bucket holds waits for a full one.
 *
 * With 10 tokens a second, a burst of 10 and an empty bucket, 5 tokens are there after 500 ms.
 */
export function waitForTokens(fullAtMs: FullAtMs, size: BucketSize, cost: number, nowMs: number): number {
  const missing = Math.min(cost, size.burst) - readTokens(fullAtMs, size, nowMs);
  // Half a millionth of a token is rounding, and no reason to send a client away.
  return missing <= 5e-7 ? 0 : (missing / size.perSecond) * 1000;
}

/** Returns the bucket after `cost` was taken, whether it was there or not: what it lacks is paid back before anything else is taken. */
export function chargeTokens(fullAtMs: FullAtMs, { perSecond }: BucketSize, cost: number, nowMs: number): FullAtMs {
  return Math.max(fullAtMs, nowMs) + (cost / perSecond) * 1000;
}
