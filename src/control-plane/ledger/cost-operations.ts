import { hourMs, hourOf } from '../../core/cost/ledger/row.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { LedgerReader } from '../../ports/records/ledger-records.ts';
import { makeCostReport } from './cost-report.ts';
import { readLedger } from './hours/read-ledger.ts';
import { rebuildLedger } from './hours/rebuild-ledger.ts';

export type CostOperations = Pick<Operations, 'cost' | 'rebuildCost'>;

/** The account of devices is of the fleet, and of no service. */
export function makeCostOperations({
  store,
  clock,
}: {
  readonly store: LedgerReader;
  readonly clock: Clock;
}): CostOperations {
  return {
    async cost(request) {
      const nowMs = clock.nowMs();
      const fromMs = hourOf(nowMs - request.sinceMs);
      return makeCostReport(fromMs, await readLedger(store, fromMs, nowMs), request);
    },
    async rebuildCost({ sinceMs }) {
      const nowMs = clock.nowMs();
      return rebuildLedger(store, hourOf(nowMs - sinceMs), hourOf(nowMs) + hourMs);
    },
  };
}
