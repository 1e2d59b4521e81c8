import { blobsLease } from '../../core/rollout/names.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Lease, Store } from '../../ports/records/store.ts';

export interface LeaseTaker {
  readonly store: Pick<Store, 'leases'>;
  readonly clock: Clock;
  /** Of this process. */
  readonly holder: string;
  readonly isDead: (holder: string) => boolean | Promise<boolean>;
}

export const blobsLeaseMs = 60_000;

/** While it is held no blob is removed by anybody else. @throws PlimsollError `collection-running` (conflict). */
export async function takeBlobsLease({ store, holder, isDead, clock }: LeaseTaker): Promise<Lease> {
  const asked = { lease: blobsLease, holder, ttlMs: blobsLeaseMs, nowMs: clock.nowMs(), isDead };
  const lease = await store.leases.acquire(asked);
  if (lease !== null) return lease;
  throw new PlimsollError({
    code: 'collection-running',
    category: 'conflict',
    message: 'another process collects or backs up the blobs of this store right now; this one did nothing',
    next: 'wait until it ends, then run the same command again',
  });
}
