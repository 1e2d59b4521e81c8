import { AsyncLocalStorage } from 'node:async_hooks';
import { leaseLost } from '../../core/records/conflicts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { StoreRows } from '../../ports/records/backup.ts';
import type { Store } from '../../ports/records/store.ts';
import type { SqlBackend } from './backend.ts';
import { sqlRows } from './backup/store-rows.ts';
import { holdsFence, sqlLeases } from './leases.ts';
import { migrate } from './migrate.ts';
import { outcomeProblems } from './release-outcomes.ts';
import { sqlReader } from './reader.ts';
import { holdShortly } from './short-transaction.ts';
import { sqlWriter } from './writer.ts';

const transactionHeldMs = 15_000;
/** Transactions that may wait for their turn in this process. */
const waitingAtMost = 10_000;

/** Records, and the rows that hold them. */
export type SqlStore = Store & { readonly rows: StoreRows };

/**
 * The store over a backend, its schema brought up to date.
 * @param heldAtMostMs a transaction that takes longer is rolled back: all others wait for it.
 * @throws PlimsollError `store-newer`, and as the backend.
 */
export async function sqlStore(backend: SqlBackend, heldAtMostMs: number = transactionHeldMs): Promise<SqlStore> {
  try {
    await migrate(backend);
  } catch (thrown) {
    await backend.close();
    throw thrown;
  }
  const inTransaction = new AsyncLocalStorage<true>();
  const running = new Set<Promise<unknown>>();
  let closed = false;

  return {
    ...sqlReader(backend.read),
    leases: sqlLeases(backend),
    rows: sqlRows(backend),
    transaction(fence, work) {
      if (closed) return Promise.reject(misuse('store-closed', 'the store was closed before this transaction'));
      if (inTransaction.getStore() === true) {
        return Promise.reject(
          misuse('store-nested', 'a transaction was begun inside another one and would wait for ever'),
        );
      }
      if (running.size >= waitingAtMost) return Promise.reject(tooManyWaiting());
      const result = inTransaction.run(true, () =>
        backend.write.transaction().execute(async (tx) => {
          if (!(await holdsFence(tx, fence))) throw leaseLost(fence.lease, fence.token);
          return holdShortly(sqlWriter(tx), work, heldAtMostMs);
        }),
      );
      running.add(result);
      const done = (): void => void running.delete(result);
      result.then(done, done);
      return result;
    },
    async check() {
      const problems = await backend.integrityProblems();
      // Of a damaged file no more is asked than that it is damaged.
      return problems.length > 0 ? problems : outcomeProblems(backend.read);
    },
    astray: () => backend.astray(),
    async close() {
      if (closed) return;
      closed = true;
      await Promise.allSettled(running);
      await backend.close();
    },
  };
}

function misuse(code: string, message: string): PlimsollError {
  return new PlimsollError({ code, category: 'bug', message });
}

function tooManyWaiting(): PlimsollError {
  return new PlimsollError({
    code: 'store-busy',
    category: 'overloaded',
    message: `${waitingAtMost} writes already wait for the store`,
    next: 'try again in a moment; if it stays so, the disk under the store is too slow',
  });
}
