import type { SignalSample } from '../../../src/schemas/view/view.ts';
import { type ReplicaCount, stepAt } from '../replicas/replica-history.ts';

/**
 * What replicas were paid for and what came of it, over the seconds of which everything is known. A replica works on one request
 * or on many at once, which the signals do not tell apart: with `n` requests in flight at most `n` replicas work, so that
 * `ready - n` is the least that idles.
 */
export interface IdleAccount {
  /** Seconds that are counted; the others are not known. */
  readonly seconds: number;
  /** Replica-seconds at work at most, idle at least, and loading, which serve nothing either. */
  readonly workSeconds: number;
  readonly idleSeconds: number;
  readonly loadingSeconds: number;
  readonly requests: number;
  readonly errors: number;
}

/** Samples of one second each. @returns null while nothing is known. */
export function idleAccount(
  samples: readonly SignalSample[],
  counts: readonly ReplicaCount[],
  fromMs: number,
): IdleAccount | null {
  const account = { seconds: 0, workSeconds: 0, idleSeconds: 0, loadingSeconds: 0, requests: 0, errors: 0 };
  for (const { atMs, inFlight, requestsPerSecond, errorsPerSecond } of samples) {
    const count = stepAt(counts, atMs);
    if (atMs < fromMs || count === null || inFlight === null || requestsPerSecond === null) continue;
    const work = Math.min(count.ready, inFlight);
    account.seconds += 1;
    account.workSeconds += work;
    account.idleSeconds += count.ready - work;
    account.loadingSeconds += count.loading;
    account.requests += requestsPerSecond;
    account.errors += errorsPerSecond ?? 0;
  }
  return account.seconds === 0 ? null : account;
}
