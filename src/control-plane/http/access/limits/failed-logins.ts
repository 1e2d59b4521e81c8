import { Counter, Gauge, Registry } from 'prom-client';
import { retryAfterSeconds } from '../../../../core/access/shares/client-limits.ts';
import type { BucketSize } from '../../../../core/access/shares/token-bucket.ts';
import { PlimsollError } from '../../../../core/units/errors.ts';
import { AddressBuckets } from './address-buckets.ts';

/** Ten failed logins at once, and ten a minute from then on. */
export const failedLoginBucket: BucketSize = { perSecond: 10 / 60, burst: 10 };

/** A credential came with the request, and it was wrong. That none came is no login. */
const failedLoginCodes = ['token-unknown', 'token-expired', 'code-unknown', 'sign-in-refused'];

/**
 * Counts failed logins, and limits them by address (of IPv6 by the network of 64 bits).
 *
 * | failed logins of the address | a wrong credential is answered | a valid one |
 * |---|---|---|
 * | within the bucket | 401 | comes in |
 * | beyond it | 429, with the time after which the next is answered | comes in |
 *
 * A credential is looked at before the bucket is. So nobody keeps anybody out, whoever shares an address.
 */
export class FailedLogins {
  readonly #buckets: AddressBuckets;
  readonly #registry = new Registry();
  readonly #failed: Counter<'reason'>;
  readonly #limited: Counter;
  readonly #breakGlass: Counter;

  /** @param isStale whether the file of identity providers cannot be used, so that an older reading of it counts. */
  constructor(monotonicMs: () => number, isStale: () => boolean = () => false) {
    this.#buckets = new AddressBuckets(failedLoginBucket, monotonicMs);
    const registers = [this.#registry];
    this.#failed = new Counter({
      name: 'plimsoll_control_plane_failed_logins_total',
      help: 'Requests with a credential that was wrong, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#limited = new Counter({
      name: 'plimsoll_control_plane_limited_logins_total',
      help: 'Failed logins that were answered 429, since too many came from their address.',
      registers,
    });
    this.#breakGlass = new Counter({
      name: 'plimsoll_control_plane_break_glass_uses_total',
      help: 'Requests with a break-glass token.',
      registers,
    });
    new Gauge({
      name: 'plimsoll_control_plane_identities_stale',
      help: '1 while the file of identity providers cannot be used, and what it said before counts.',
      registers,
      collect() {
        this.set(isStale() ? 1 : 0);
      },
    });
  }

  /** @returns what to answer: the error itself, or `rate-limited` (overloaded) for a failed login beyond the bucket. */
  limit(error: PlimsollError, address: string | undefined): PlimsollError {
    if (!failedLoginCodes.includes(error.code)) return error;
    const { refusal } = error.details;
    this.#failed.inc({ reason: typeof refusal === 'string' ? refusal : error.code });
    const waitMs = this.#buckets.take(address);
    if (waitMs > 0) {
      this.#limited.inc();
      return tooMany(waitMs, error);
    }
    return error;
  }

  usedBreakGlass(): void {
    this.#breakGlass.inc();
  }

  metrics(): Promise<string> {
    return this.#registry.metrics();
  }
}

function tooMany(waitMs: number, cause: PlimsollError): PlimsollError {
  const seconds = retryAfterSeconds(waitMs);
  return new PlimsollError({
    code: 'rate-limited',
    category: 'overloaded',
    message: `too many wrong credentials came from this address: ${cause.message}`,
    next: `wait ${seconds} s, or use a valid credential, which is taken at once`,
    details: { retryAfterSeconds: seconds },
    cause,
  });
}
