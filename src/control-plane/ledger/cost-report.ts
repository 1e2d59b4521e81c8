import { summariseLedger, type LedgerSummary } from '../../core/cost/ledger/query/summarise.ts';
import type { LedgerRow } from '../../core/cost/ledger/row.ts';
import { unattributableReasons } from '../../core/cost/ledger/state.ts';
import { chargePools, type ChargedFleet } from '../../core/cost/prices/charge-pools.ts';
import type { PoolBooks } from '../../core/cost/prices/pool-books.ts';
import type { CostReport, CostRequest, CostUnit } from '../../schemas/http/http-cost.ts';
import type { ReadLedger } from './hours/read-ledger.ts';
import { describePrices } from './prices/describe-prices.ts';

const errorsAtMost = 100;

type Charges = ChargedFleet['charges'];

/** Returns a ledger added up as it was asked for, with the money of each pool's book; accelerators and cores apart. */
export function makeCostReport(fromMs: number, ledger: ReadLedger, asked: CostRequest, pools: PoolBooks): CostReport {
  const { service = null, environment = null, by } = asked;
  const isAsked = ({ owner }: LedgerRow): boolean =>
    (service === null || owner?.service === service) && (environment === null || owner?.environment === environment);
  // A commitment pays for devices of all services: rows are charged before some of them are taken.
  const fleet = chargePools(ledger.rows, pools.books, ledger.toMs);
  const charges = fleet.charges.filter(({ row }) => isAsked(row));
  const isWhole = service === null && environment === null;
  const unused = isWhole ? addUnused(fleet) : [];
  const currencies = [
    ...new Set([
      ...charges.flatMap(({ currency, effectiveMicros }) => (effectiveMicros === null ? [] : (currency ?? []))),
      ...unused.map(({ currency }) => currency),
    ]),
  ].sort();
  const units = (['accelerator', 'core'] as const).flatMap((unit) => {
    const own = charges.filter(({ row }) => row.unit === unit);
    return own.length === 0 ? [] : [makeUnit(unit, own, by, currencies)];
  });
  const { toMs, openFromMs, errors } = ledger;
  return {
    ...{ fromMs, toMs, openFromMs, by: [...by], service, environment },
    currency: currencies.length === 1 ? (currencies[0] ?? null) : null,
    currencies,
    prices: describePrices(charges, pools, isWhole),
    unused,
    units,
    errors: errors.slice(0, errorsAtMost).map(({ kind, fromMs: from, toMs: to, device, claims, message }) => ({
      ...{ kind, fromMs: from, toMs: to, device, claims: [...claims], message },
    })),
    errorCount: errors.length,
  };
}

/** Returns what commitments paid for and nobody had, all hours of one added up. */
function addUnused({ ledgers }: ChargedFleet): CostReport['unused'] {
  return ledgers.flatMap(({ currency, unused }) =>
    currency === null
      ? []
      : [...Map.groupBy(unused, ({ commitment }) => commitment)].map(([commitment, hours]) => ({
          ...{ commitment, currency, deviceClass: hours[0]?.deviceClass ?? '' },
          unusedMs: hours.reduce((sum, { unusedMs }) => sum + unusedMs, 0),
          micros: hours.reduce((sum, { micros }) => sum + micros, 0),
        })),
  );
}

function makeUnit(
  unit: CostUnit['unit'],
  charges: Charges,
  by: CostRequest['by'],
  currencies: readonly string[],
): CostUnit {
  const groups = sumGroups(charges, by, currencies);
  const [total] = sumGroups(charges, [], currencies);
  if (total === undefined) throw new RangeError('a unit without rows has no total');
  const { group: _, ...sums } = total;
  const unattributable = unattributableReasons.flatMap((reason) => {
    const computeMs = charges.reduce((sum, { row }) => sum + (row.reason === reason ? row.computeMs : 0), 0);
    return computeMs === 0 ? [] : [{ reason, computeMs }];
  });
  const devices = new Set(charges.map(({ row }) => row.device)).size;
  return { unit, devices, groups, total: sums, unattributable };
}

/** One currency is added up with the rows; of several, each is added up by itself. */
function sumGroups(charges: Charges, by: CostRequest['by'], currencies: readonly string[]): CostUnit['groups'] {
  const summaries = summariseLedger(charges, by);
  const [only] = currencies;
  if (only === undefined || currencies.length === 1) {
    return summaries.map((summary) => ({
      group: { ...summary.group },
      ...sumsOf(summary),
      moneyMicros: only === undefined || summary.micros === null ? {} : { [only]: summary.micros },
    }));
  }
  const money = new Map<string, Record<string, number>>();
  for (const currency of currencies) {
    const own = charges.filter((charge) => charge.currency === currency);
    for (const { group, micros } of summariseLedger(own, by)) {
      if (micros === null) continue;
      const key = JSON.stringify(group);
      money.set(key, { ...money.get(key), [currency]: micros });
    }
  }
  return summaries
    .map((summary) => ({
      group: { ...summary.group },
      ...sumsOf({ ...summary, micros: null, microsPerThousandAnswers: null, microsPerMillionTokens: null }),
      moneyMicros: money.get(JSON.stringify(summary.group)) ?? {},
    }))
    .sort((a, b) => b.computeMs - a.computeMs);
}

function sumsOf(summary: LedgerSummary): Omit<CostUnit['total'], 'moneyMicros'> {
  const { computeMs, stateMs, filledMs, unratedMs, answers, tokens, utilizationShare, micros, unpricedMs } = summary;
  const rounded = (amount: number | null): number | null => (amount === null ? null : Math.round(amount));
  return {
    ...{ computeMs, stateMs: { ...stateMs }, filledMs, unratedMs, answers, tokens, utilizationShare },
    ...{ micros, unpricedMs },
    costPer1000AnswersMicros: rounded(summary.microsPerThousandAnswers),
    costPerMillionTokensMicros: rounded(summary.microsPerMillionTokens),
  };
}
