import { clientOfAddress } from '../../../../core/access/shares/client-address.ts';
import {
  chargeTokens,
  waitForTokens,
  type BucketSize,
  type FullAtMs,
} from '../../../../core/access/shares/token-bucket.ts';

/** Addresses that are known one by one; all others share one bucket. */
const addressesAtMost = 10_000;
const others = 'others';

/** One bucket for each address; of IPv6 for each network of 64 bits. */
export class AddressBuckets {
  readonly #size: BucketSize;
  readonly #monotonicMs: () => number;
  readonly #fullAtMs = new Map<string, FullAtMs>();

  constructor(size: BucketSize, monotonicMs: () => number) {
    this.#size = size;
    this.#monotonicMs = monotonicMs;
  }

  /** Takes one token of the address. @returns 0, or after how many milliseconds one is there; then nothing was taken. */
  take(address: string | undefined): number {
    const nowMs = this.#monotonicMs();
    const key = this.#keyOf(clientOfAddress(address), nowMs);
    const fullAtMs = this.#fullAtMs.get(key) ?? nowMs;
    const waitMs = waitForTokens(fullAtMs, this.#size, 1, nowMs);
    if (waitMs > 0) return waitMs;
    this.#fullAtMs.delete(key);
    this.#fullAtMs.set(key, chargeTokens(fullAtMs, this.#size, 1, nowMs));
    return 0;
  }

  /** A bucket that is full again is forgotten for one that comes; the one that was charged longest ago is asked first. */
  #keyOf(address: string, nowMs: number): string {
    if (this.#fullAtMs.has(address) || this.#fullAtMs.size < addressesAtMost) return address;
    for (const [oldest, fullAtMs] of this.#fullAtMs) {
      if (oldest === others) continue;
      if (fullAtMs > nowMs) return others;
      this.#fullAtMs.delete(oldest);
      return address;
    }
    return others;
  }
}
