import { controlPlaneSteps } from '../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../core/units/errors.ts';
import type { Clock } from '../ports/process/clock.ts';
import type { Fence, Lease, Leases } from '../ports/records/store.ts';

export const leaseTtlMs = 10_000;
const renewEveryMs = 3_000;
const standByEveryMs = 1_000;

export interface LeaseParts {
  readonly leases: Leases;
  readonly lease: string;
  readonly holder: string;
  readonly isDead: (holder: string) => Promise<boolean>;
  readonly clock: Clock;
}

/**
 * Waits until the lease is free, its holder is gone, or the lease was not renewed for as long as it holds. That is measured by
 * the clock that never steps: the wall clocks of two machines may differ by hours. `standBy` is told once who holds it.
 */
export async function takeLease(
  parts: LeaseParts,
  signal: AbortSignal,
  standBy: (holder: string) => void,
): Promise<LeaseKeeper> {
  let watched: WatchedLease | null = null;
  for (let told = false; ;) {
    const askedAtMs = parts.clock.monotonicMs();
    watched = watchLease(watched, await parts.leases.current(parts.lease), askedAtMs);
    const lease = await parts.leases.acquire({
      lease: parts.lease,
      holder: parts.holder,
      ttlMs: leaseTtlMs,
      nowMs: judgedNowMs(watched, parts.clock),
      isDead: parts.isDead,
    });
    if (lease !== null) return new LeaseKeeper(parts, lease, askedAtMs);
    if (!told) standBy((await parts.leases.current(parts.lease))?.holder ?? 'another process');
    told = true;
    await parts.clock.sleep(standByEveryMs, signal);
  }
}

/** Another one's lease, and since when it is seen as it is, by the clock that never steps. */
interface WatchedLease {
  readonly lease: Lease;
  readonly sinceMs: number;
}

function watchLease(before: WatchedLease | null, lease: Lease | null, nowMs: number): WatchedLease | null {
  if (lease === null) return null;
  const isRenewed =
    before === null || before.lease.token !== lease.token || before.lease.expiresAtMs !== lease.expiresAtMs;
  return { lease, sinceMs: isRenewed ? nowMs : before.sinceMs };
}

/** The present as the store is to judge by: after the end of a lease that nobody renews any more, and before that of any other. */
function judgedNowMs(watched: WatchedLease | null, clock: Clock): number {
  const nowMs = clock.nowMs();
  if (watched === null) return nowMs;
  const { expiresAtMs } = watched.lease;
  const isSilent = clock.monotonicMs() - watched.sinceMs >= leaseTtlMs;
  return isSilent ? Math.max(nowMs, expiresAtMs) : Math.min(nowMs, expiresAtMs - 1);
}

/**
 * | standing | what is known |
 * |---|---|
 * | held | nobody else can hold it |
 * | expired | it could not be renewed in time: somebody else may hold it, or nobody |
 * | lost | somebody else took it |
 */
export type LeaseStanding = 'held' | 'expired' | 'lost';

/**
 * Holds a lease while it is renewed. Validity is measured from before the request for it, by the clock that never steps:
 * a process that was suspended knows at once that its lease is over, whatever the wall clock says.
 */
export class LeaseKeeper {
  readonly #parts: LeaseParts;
  #lease: Lease;
  #renewedMs: number;
  #lost = false;

  constructor(parts: LeaseParts, lease: Lease, renewedMs: number) {
    this.#parts = parts;
    this.#lease = lease;
    this.#renewedMs = renewedMs;
  }

  held(): boolean {
    return !this.#lost && this.#parts.clock.monotonicMs() - this.#renewedMs < leaseTtlMs;
  }

  standing(): LeaseStanding {
    return this.#lost ? 'lost' : this.held() ? 'held' : 'expired';
  }

  /** @throws PlimsollError `lease-lost` (conflict) when it was taken; `lease-expired` (unavailable) when that is not known. */
  fence(): Fence {
    if (this.held()) return { lease: this.#lease.lease, token: this.#lease.token };
    throw this.#lost ? this.lostError() : this.#expiredError();
  }

  /** Renews when it is time to; false when the lease is lost. */
  async renew(): Promise<boolean> {
    if (this.#lost) return false;
    const { clock, leases } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#renewedMs < renewEveryMs) return true;
    const renewed = await leases.renew(this.#lease, { ttlMs: leaseTtlMs, nowMs: clock.nowMs() });
    if (renewed === null) {
      this.#lost = true;
      return false;
    }
    this.#lease = renewed;
    this.#renewedMs = nowMs;
    return true;
  }

  markLost(): void {
    this.#lost = true;
  }

  async release(): Promise<void> {
    if (!this.#lost) await this.#parts.leases.release(this.#lease);
    this.#lost = true;
  }

  #expiredError(): PlimsollError {
    return new PlimsollError({
      code: 'lease-expired',
      category: 'unavailable',
      message: `the lease ${this.#lease.lease} could not be renewed in time; nothing is written until it is`,
      next: nextStep(controlPlaneSteps, 'lease-expired'),
      details: { lease: this.#lease.lease, token: this.#lease.token },
    });
  }

  lostError(): PlimsollError {
    return new PlimsollError({
      code: 'lease-lost',
      category: 'conflict',
      message: `the lease ${this.#lease.lease} was lost; nothing more is written`,
      next: nextStep(controlPlaneSteps, 'lease-lost/held'),
      details: { lease: this.#lease.lease, token: this.#lease.token },
    });
  }
}
