import type { Kysely } from 'kysely';
import { decideLease, type LeaseRecord } from '../../core/records/lease.ts';
import type { Fence, Leases } from '../../ports/records/store.ts';
import type { SqlBackend } from './backend.ts';
import { leaseOf, leaseRecordOf } from './rows.ts';
import type { Tables } from './tables.ts';

/** Leases as rows. Whether a holder is dead is asked before the transaction, and counts only if it still holds inside. */
export function sqlLeases(backend: SqlBackend): Leases {
  return {
    async acquire({ lease, holder, ttlMs, nowMs, isDead }) {
      const before = await recordOf(backend.read, lease);
      const examined = before?.holder ?? null;
      const dead = examined !== null && examined !== holder && ((await isDead?.(examined)) ?? false);
      return backend.write.transaction().execute(async (tx) => {
        await claimRow(tx, lease);
        const present = await recordOf(tx, lease);
        const unused = present?.token === 0 ? null : present;
        const holderDead = dead && unused?.holder === examined && unused?.token === before?.token;
        const decision = decideLease(unused, { lease, holder, ttlMs, nowMs, holderDead });
        await writeRecord(tx, decision.record);
        return decision.granted ? leaseOf(decision.record) : null;
      });
    },
    async renew(lease, { ttlMs, nowMs }) {
      const expiresAtMs = nowMs + ttlMs;
      const result = await backend.write
        .transaction()
        .execute((tx) =>
          tx
            .updateTable('leases')
            .set({ expires_at_ms: expiresAtMs, ttl_ms: ttlMs })
            .where('lease', '=', lease.lease)
            .where('holder', '=', lease.holder)
            .where('token', '=', lease.token)
            .executeTakeFirst(),
        );
      return result.numUpdatedRows === 1n ? { ...lease, expiresAtMs } : null;
    },
    async release(lease) {
      await backend.write
        .transaction()
        .execute((tx) =>
          tx
            .updateTable('leases')
            .set({ holder: null })
            .where('lease', '=', lease.lease)
            .where('holder', '=', lease.holder)
            .where('token', '=', lease.token)
            .execute(),
        );
    },
    async current(lease) {
      const record = await recordOf(backend.read, lease);
      return record === null ? null : leaseOf(record);
    },
  };
}

/**
 * True when the fence is the newest token of a lease that somebody holds. An update that changes nothing, and not a read:
 * it locks the row on every dialect, so that the lease cannot change hands before this transaction ends.
 */
export async function holdsFence(tx: Kysely<Tables>, fence: Fence): Promise<boolean> {
  const result = await tx
    .updateTable('leases')
    .set({ token: fence.token })
    .where('lease', '=', fence.lease)
    .where('token', '=', fence.token)
    .where('holder', 'is not', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Makes sure that there is a row and locks it; token 0 says that it was never held. */
async function claimRow(tx: Kysely<Tables>, lease: string): Promise<void> {
  await tx
    .insertInto('leases')
    .values({ lease, holder: null, token: 0, expires_at_ms: 0, ttl_ms: 0 })
    .onConflict((conflict) => conflict.column('lease').doUpdateSet({ lease }))
    .execute();
}

async function recordOf(db: Kysely<Tables>, lease: string): Promise<LeaseRecord | null> {
  const row = await db.selectFrom('leases').selectAll().where('lease', '=', lease).executeTakeFirst();
  return row === undefined ? null : leaseRecordOf(row);
}

async function writeRecord(tx: Kysely<Tables>, record: LeaseRecord): Promise<void> {
  await tx
    .updateTable('leases')
    .set({
      holder: record.holder,
      token: record.token,
      expires_at_ms: record.expiresAtMs,
      ttl_ms: record.ttlMs,
    })
    .where('lease', '=', record.lease)
    .execute();
}
