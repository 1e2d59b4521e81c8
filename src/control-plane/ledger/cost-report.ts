import { summariseLedger, type LedgerSummary } from '../../core/cost/ledger/query/summarise.ts';
import type { LedgerRow } from '../../core/cost/ledger/row.ts';
import { unattributableReasons } from '../../core/cost/ledger/state.ts';
import type { CostReport, CostRequest, CostUnit } from '../../schemas/http/http-cost.ts';
import type { ReadLedger } from './hours/read-ledger.ts';

const errorsAtMost = 100;

/** Returns a ledger added up as it was asked for, accelerators and cores apart. No row has a price. */
export function makeCostReport(fromMs: number, ledger: ReadLedger, asked: CostRequest): CostReport {
  const { service = null, environment = null, by } = asked;
  const isAsked = ({ owner }: LedgerRow): boolean =>
    (service === null || owner?.service === service) && (environment === null || owner?.environment === environment);
  const byUnit = Map.groupBy(ledger.rows.filter(isAsked), ({ unit }) => unit);
  const units = (['accelerator', 'core'] as const).flatMap((unit) => {
    const rows = byUnit.get(unit);
    return rows === undefined ? [] : [makeUnit(unit, rows, by)];
  });
  const { toMs, openFromMs, errors } = ledger;
  return {
    ...{ fromMs, toMs, openFromMs, by: [...by], service, environment, units },
    errors: errors.slice(0, errorsAtMost).map(({ kind, fromMs: from, toMs: to, device, claims, message }) => ({
      ...{ kind, fromMs: from, toMs: to, device, claims: [...claims], message },
    })),
    errorCount: errors.length,
  };
}

function makeUnit(unit: CostUnit['unit'], rows: readonly LedgerRow[], by: CostRequest['by']): CostUnit {
  const charges = rows.map((row) => ({ row, effectiveMicros: null }));
  const groups = summariseLedger(charges, by).map((summary) => ({ group: { ...summary.group }, ...sumsOf(summary) }));
  const [total] = summariseLedger(charges, []).map(sumsOf);
  if (total === undefined) throw new RangeError('a unit without rows has no total');
  const unattributable = unattributableReasons.flatMap((reason) => {
    const computeMs = rows.reduce((sum, row) => sum + (row.reason === reason ? row.computeMs : 0), 0);
    return computeMs === 0 ? [] : [{ reason, computeMs }];
  });
  return { unit, devices: new Set(rows.map(({ device }) => device)).size, groups, total, unattributable };
}

const sumsOf = (summary: LedgerSummary): CostUnit['total'] => {
  const { computeMs, stateMs, filledMs, unratedMs, answers, tokens, utilizationShare } = summary;
  return { computeMs, stateMs: { ...stateMs }, filledMs, unratedMs, answers, tokens, utilizationShare };
};
