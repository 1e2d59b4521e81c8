/** What is known when an attempt broke before the head of an answer. */
export interface BrokenAttempt {
  /** `code` of the error that undici or the socket gave. */
  readonly errorCode: string;
  /** True when the request had begun to leave for the replica. */
  readonly sent: boolean;
  /** How often this request has been sent, this time included. */
  readonly sends: number;
  readonly maxSends: number;
  /** True when the body (or none) can be sent again from its first byte. */
  readonly replayable: boolean;
}

/** The replica's connection ended; anything else that it sent is an answer, if a broken one. */
const resets: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET']);

/**
 * | sent | what happened | verdict |
 * |---|---|---|
 * | no | refused, unreachable, connect timeout | again: the replica never saw it |
 * | yes | reset, body can be sent again, sends left | again: inference requests may be computed twice |
 * | yes | reset, no sends left | not again: it may be the request that kills replicas |
 * | yes | reset, body streamed | not again: its first bytes are gone |
 * | yes | anything else (not HTTP, wrong length) | not again: the replica is broken, not away |
 */
export function mayRetry(broken: BrokenAttempt): boolean {
  if (!broken.sent) return broken.replayable;
  return resets.has(broken.errorCode) && broken.replayable && broken.sends < broken.maxSends;
}

/** The code of an error of the connection, as `mayRetry` reads it; the name of one that has none. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
