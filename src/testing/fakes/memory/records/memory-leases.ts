import { decideLease, type LeaseRecord } from '../../../../core/records/lease.ts';
import type { Lease, Leases } from '../../../../ports/records/store.ts';

/** Leases in memory: what a store has of them, without its transactions. */
export function memoryLeases(leases: Map<string, LeaseRecord>): Leases {
  const leaseOf = ({ lease, holder, token, expiresAtMs }: LeaseRecord): Lease | null =>
    holder === null ? null : { lease, holder, token, expiresAtMs };
  const heldBy = (lease: Lease): LeaseRecord | null => {
    const record = leases.get(lease.lease);
    return record?.holder === lease.holder && record.token === lease.token ? record : null;
  };
  return {
    async acquire({ lease, holder, ttlMs, nowMs, isDead }) {
      const before = leases.get(lease) ?? null;
      const examined = before?.holder ?? null;
      const dead = examined !== null && examined !== holder && ((await isDead?.(examined)) ?? false);
      const present = leases.get(lease) ?? null;
      const holderDead = dead && present?.holder === examined && present.token === before?.token;
      const decision = decideLease(present, { lease, holder, ttlMs, nowMs, holderDead });
      leases.set(lease, decision.record);
      return decision.granted ? leaseOf(decision.record) : null;
    },
    renew(lease, { ttlMs, nowMs }) {
      const record = heldBy(lease);
      if (record === null) return Promise.resolve(null);
      leases.set(lease.lease, { ...record, expiresAtMs: nowMs + ttlMs, ttlMs });
      return Promise.resolve({ ...lease, expiresAtMs: nowMs + ttlMs });
    },
    release(lease) {
      const record = heldBy(lease);
      if (record !== null) leases.set(lease.lease, { ...record, holder: null });
      return Promise.resolve();
    },
    current(lease) {
      const record = leases.get(lease);
      return Promise.resolve(record === undefined ? null : leaseOf(record));
    },
  };
}
