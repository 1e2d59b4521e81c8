/** How a request with a deadline of its client's own was answered by the engine. */
interface HurriedAnswer {
  /** Null where the connection broke before all of the answer was there. */
  readonly status: number | null;
  /** From its arrival to the head of its answer, or to the break. */
  readonly tookMs: number;
  readonly deadlineMs: number;
}

/** HTTP statuses by which engines and proxies say that time ran out, or that the client left: 408, 499 (nginx, gRPC's CANCELLED), 504. */
const timeoutStatuses: ReadonlySet<number> = new Set([408, 499, 504]);

/**
 * Returns whether an answer to a client in a hurry says no more than that its own deadline was too short:
 *
 * | answer | a miss |
 * |---|---|
 * | 408, 499, 504 | yes |
 * | any other 500 and above, after half of the deadline or later | yes: engines name a timeout in many ways |
 * | a broken connection, after half of the deadline or later | yes: engines also close it where time ran out |
 * | any other | no |
 */
export function isClientMiss({ status, tookMs, deadlineMs }: HurriedAnswer): boolean {
  if (status !== null && timeoutStatuses.has(status)) return true;
  return (status === null || status >= 500) && tookMs >= deadlineMs / 2;
}
