import { createHash } from 'node:crypto';
import { makeSignInRefusal, makeSignInsBusy } from '../../../../core/access/providers/refused-sign-in.ts';
import {
  chargeTokens,
  waitForTokens,
  type BucketSize,
  type FullAtMs,
} from '../../../../core/access/shares/token-bucket.ts';
import { AddressBuckets } from '../limits/address-buckets.ts';

/** An office behind one address signs in at nine. */
export const begunOfAddress: BucketSize = { perSecond: 1, burst: 60 };
export const begunOfAll: BucketSize = { perSecond: 10, burst: 600 };
/** Those of all in ten minutes are 6,600; beyond are those from before a restart. */
const usedAtMost = 20_000;

/**
 * Bounds the token requests that browsers make at a provider through the control plane. A begun sign-in is a cookie, which a
 * browser can send again and again.
 *
 * | what | at most |
 * |---|---|
 * | token requests for one begun sign-in | 1 |
 * | sign-ins that one address begins | 60 at once, then 1 each second |
 * | sign-ins that all begin | 600 at once, then 10 each second |
 */
export class BegunSignIns {
  readonly #ttlMs: number;
  readonly #monotonicMs: () => number;
  readonly #addresses: AddressBuckets;
  #allFullAtMs: FullAtMs = 0;
  /** Digests of states that came back, oldest first, and until when a cookie may hold them. */
  readonly #used = new Map<string, number>();

  /** @param ttlMs how long a begun sign-in may take. */
  constructor(ttlMs: number, monotonicMs: () => number) {
    this.#ttlMs = ttlMs;
    this.#monotonicMs = monotonicMs;
    this.#addresses = new AddressBuckets(begunOfAddress, monotonicMs);
  }

  /** Counts a sign-in that this address begins. @throws PlimsollError `sign-ins-busy` (overloaded). */
  count(address: string | undefined): void {
    const nowMs = this.#monotonicMs();
    // An address that is refused takes nothing of what all share.
    const waitMs = waitForTokens(this.#allFullAtMs, begunOfAll, 1, nowMs) || this.#addresses.take(address);
    if (waitMs > 0) throw makeSignInsBusy(waitMs);
    this.#allFullAtMs = chargeTokens(this.#allFullAtMs, begunOfAll, 1, nowMs);
  }

  /**
   * Uses a begun sign-in up, before the provider is asked.
   * @throws PlimsollError `sign-in-refused` (unauthorized) the second time, and where more came back than can be remembered.
   */
  use(state: string): void {
    const nowMs = this.#monotonicMs();
    for (const [oldest, untilMs] of this.#used) {
      if (untilMs > nowMs) break;
      this.#used.delete(oldest);
    }
    const digest = createHash('sha256').update(state).digest('base64');
    if (this.#used.has(digest)) throw makeSignInRefusal('expired', 'this sign-in came back before');
    if (this.#used.size >= usedAtMost) throw makeSignInRefusal('expired', 'too many sign-ins came back');
    this.#used.set(digest, nowMs + this.#ttlMs);
  }
}
