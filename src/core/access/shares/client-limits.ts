import { chargeTokens, waitForTokens, type BucketSize, type FullAtMs } from './token-bucket.ts';

/** What one client may ask of one gateway; a limit that is absent does not hold. */
export interface ClientLimits {
  readonly requestsPerSecond?: number;
  /** Requests that are open at the same time. */
  readonly concurrent?: number;
  /** Of requests and of answers together. */
  readonly bytesPerSecond?: number;
}

/** A client that the contract names. */
export interface NamedClient extends ClientLimits {
  /** Its part of what is shared where clients wait, against 1 of each other. */
  readonly weight?: number;
}

/** Contract `gateway.clients`: who counts as one client, and what each may ask. */
export interface ClientRules {
  /** Lower case: the field whose value is a client. Absent: the name of its client key, else its address. */
  readonly header?: string;
  readonly each?: ClientLimits;
  readonly named?: Readonly<Record<string, NamedClient>>;
}

/** What a client has used so far. */
export interface ClientUse {
  readonly open: number;
  readonly requestsFullAtMs: FullAtMs;
  readonly bytesFullAtMs: FullAtMs;
}

export const clientLimitNames = ['requests', 'concurrent', 'bytes'] as const;
export type ClientLimitName = (typeof clientLimitNames)[number];

export interface ReachedLimit {
  readonly limit: ClientLimitName;
  /** After so many milliseconds the request may be let in; of `concurrent` a guess, since another one has to end. */
  readonly retryAfterMs: number;
}

const concurrentRetryMs = 1_000;

/** A second's worth, and one whole request: so that 0.5/s lets one through every two seconds. */
export const requestBucket = (perSecond: number): BucketSize => ({ perSecond, burst: Math.max(1, perSecond) });

/** A second's worth: a body beyond it goes through a full bucket, and is paid back afterwards. */
export const byteBucket = (perSecond: number): BucketSize => ({ perSecond, burst: perSecond });

/**
 * Returns the limit that keeps a request out, null where none does:
 *
 * | limit | a request is refused while | comes again after |
 * |---|---|---|
 * | `requests` | the second's worth is used up | the time that one request takes to be earned |
 * | `bytes` | the second's worth is used up, or paid back still | the time that its body takes to be earned |
 * | `concurrent` | as many are open | 1 s |
 *
 * Where several do, the one with the longest wait is named.
 * @param bytes of its body, as announced; 0 where it does not say.
 */
export function findReachedLimit(
  limits: ClientLimits,
  use: ClientUse,
  bytes: number,
  nowMs: number,
): ReachedLimit | null {
  const { requestsPerSecond, concurrent, bytesPerSecond } = limits;
  let reached: ReachedLimit | null = null;
  const note = (limit: ClientLimitName, retryAfterMs: number): void => {
    if (retryAfterMs > (reached?.retryAfterMs ?? 0)) reached = { limit, retryAfterMs };
  };
  if (requestsPerSecond !== undefined) {
    note('requests', waitForTokens(use.requestsFullAtMs, requestBucket(requestsPerSecond), 1, nowMs));
  }
  if (bytesPerSecond !== undefined) {
    note('bytes', waitForTokens(use.bytesFullAtMs, byteBucket(bytesPerSecond), Math.max(1, bytes), nowMs));
  }
  if (concurrent !== undefined && use.open >= concurrent) note('concurrent', concurrentRetryMs);
  return reached;
}

/** Returns the bucket of requests after one more. */
export function chargeRequest(limits: ClientLimits, fullAtMs: FullAtMs, nowMs: number): FullAtMs {
  const perSecond = limits.requestsPerSecond;
  return perSecond === undefined ? fullAtMs : chargeTokens(fullAtMs, requestBucket(perSecond), 1, nowMs);
}

/** Returns the bucket of bytes after these. */
export function chargeBytes(limits: ClientLimits, fullAtMs: FullAtMs, bytes: number, nowMs: number): FullAtMs {
  const perSecond = limits.bytesPerSecond;
  return perSecond === undefined ? fullAtMs : chargeTokens(fullAtMs, byteBucket(perSecond), bytes, nowMs);
}

/** Returns the seconds of a `Retry-After` field: whole ones, at least 1, and enough that the wait is over. */
export function retryAfterSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000 - 1e-9));
}
