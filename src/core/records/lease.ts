/** A lease as it is recorded: one row a lease, kept for all time so that its token never goes back. */
export interface LeaseRecord {
  readonly lease: string;
  /** Null after a release. */
  readonly holder: string | null;
  /** Grows by one with each change of holder; 0 before the first. */
  readonly token: number;
  readonly expiresAtMs: number;
  /** What the holder asked for last: the longest time that can honestly be left. */
  readonly ttlMs: number;
}

export interface LeaseRequest {
  readonly lease: string;
  readonly holder: string;
  readonly ttlMs: number;
  readonly nowMs: number;
  /** True only when it is certain that the recorded holder's process is gone. */
  readonly holderDead: boolean;
}

/**
 * Whether a lease is granted, and the record as it is afterwards.
 *
 * | recorded holder | granted | token |
 * |---|---|---|
 * | none, or the lease is new | yes | + 1 |
 * | the one who asks | yes | same |
 * | another, certainly dead | yes | + 1 |
 * | another, expired | yes | + 1 |
 * | another, not expired | no | same |
 *
 * Safety never rests on a clock: a holder whose lease was taken, for whatever reason, is fenced out by its token. Only the
 * waiting does. A clock that stepped forwards ends a lease early. One that stepped backwards would make it last as long as
 * the step; since no more than `ttlMs` can honestly be left, the record is then shortened to `nowMs + ttlMs`, so that the
 * wait is one ttl at most, and a holder that lives renews long before.
 */
export function decideLease(
  record: LeaseRecord | null,
  request: LeaseRequest,
): { readonly granted: boolean; readonly record: LeaseRecord } {
  const { lease, holder, ttlMs, nowMs } = request;
  const taken = { lease, holder, ttlMs, expiresAtMs: nowMs + ttlMs };
  if (record === null) return { granted: true, record: { ...taken, token: 1 } };
  if (record.holder === holder) return { granted: true, record: { ...taken, token: record.token } };
  if (record.holder === null || request.holderDead || record.expiresAtMs <= nowMs) {
    return { granted: true, record: { ...taken, token: record.token + 1 } };
  }
  const expiresAtMs = Math.min(record.expiresAtMs, nowMs + record.ttlMs);
  return { granted: false, record: expiresAtMs === record.expiresAtMs ? record : { ...record, expiresAtMs } };
}
