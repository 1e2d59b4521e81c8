import { hourMs, hourOf } from '../../core/cost/ledger/row.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Operations } from '../../ports/records/operations.ts';
import { findAccounted } from './accounts/find-accounted.ts';
import { makeCostReport } from './cost-report.ts';
import { exportCost, readCostedHours } from './exports/export-cost.ts';
import { PricedLedger } from './hours/priced-ledger.ts';
import { rebuildLedger } from './hours/rebuild-ledger.ts';
import { readSharing } from './sharing/read-sharing.ts';
import { readPoolBooks, type PoolBookParts } from './prices/read-pool-books.ts';

export type CostOperations = Pick<Operations, 'cost' | 'rebuildCost' | 'exportCost' | 'costedHours'>;

/** The account of devices is of the fleet, and of no service. */
export function makeCostOperations({ clock, ...parts }: PoolBookParts & { readonly clock: Clock }): CostOperations {
  const { store } = parts;
  const ledger = new PricedLedger(store);
  return {
    async cost(request) {
      const nowMs = clock.nowMs();
      const fromMs = hourOf(nowMs - request.sinceMs);
      const pools = await readPoolBooks(parts);
      const isHourly = request.by.includes('hour');
      const accountedMs = await findAccounted(store, nowMs);
      const spans = await ledger.read({ fromMs, nowMs: accountedMs, books: pools.books, isHourly });
      const isWhole = request.service === undefined && request.environment === undefined;
      const sharing = isWhole ? await readSharing(store, spans.spans, nowMs) : [];
      return { ...makeCostReport(fromMs, spans, request, pools), sharing };
    },
    async rebuildCost({ sinceMs }) {
      const nowMs = clock.nowMs();
      return rebuildLedger(store, hourOf(nowMs - sinceMs), hourOf(nowMs) + hourMs);
    },
    exportCost: async (request) => exportCost(store, (await readPoolBooks(parts)).books, request),
    costedHours: async (request) => readCostedHours(store, (await readPoolBooks(parts)).books, request),
  };
}
