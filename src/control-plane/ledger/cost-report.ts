import { summariseLedger, type LedgerSummary } from '../../core/cost/ledger/query/summarise.ts';
import type { LedgerRow } from '../../core/cost/ledger/row.ts';
import { unattributableReasons } from '../../core/cost/ledger/state.ts';
import { addSpans, type FleetCharge, type SpanHolder } from '../../core/cost/prices/priced-span.ts';
import type { PoolBooks } from '../../core/cost/prices/pool-books.ts';
import type { CostReport, CostRequest, CostUnit } from '../../schemas/http/cost/http-cost.ts';
import type { ReadSpans } from './hours/priced-ledger.ts';
import { describePrices } from './prices/describe-prices.ts';

type Charges = readonly FleetCharge[];

/**
 * Returns a ledger added up as it was asked for; accelerators and cores apart. A commitment pays for devices of all services, so
 * that rows were priced before some of them are taken here.
 */
export function makeCostReport(fromMs: number, ledger: ReadSpans, asked: CostRequest, pools: PoolBooks): CostReport {
  const { service = null, environment = null, by } = asked;
  const isAsked = (owner: Pick<NonNullable<LedgerRow['owner']>, 'service' | 'environment'> | null): boolean =>
    (service === null || owner?.service === service) && (environment === null || owner?.environment === environment);
  const charges = ledger.spans.flatMap((span) => span.charges.filter(({ row }) => isAsked(row.owner)));
  const isWhole = service === null && environment === null;
  const unused = isWhole ? addUnused(ledger) : [];
  const currencies = [
    ...new Set([
      ...charges.flatMap(({ currency, effectiveMicros }) => (effectiveMicros === null ? [] : (currency ?? []))),
      ...unused.map(({ currency }) => currency),
    ]),
  ].sort();
  const ownDevices = new Set(
    ledger.spans.flatMap(({ holders }) => holders.flatMap((each) => (isAsked(ownerOf(each)) ? each.devices : []))),
  );
  const units = (['accelerator', 'core'] as const).flatMap((unit) => {
    const own = charges.filter(({ row }) => row.unit === unit);
    const devices = new Set(
      ledger.spans.flatMap(({ holders }) =>
        holders.flatMap((each) => (each.unit === unit && isAsked(ownerOf(each)) ? each.devices : [])),
      ),
    ).size;
    return own.length === 0 ? [] : [makeUnit(unit, own, by, { currencies, devices })];
  });
  const { toMs, openFromMs, errors, errorCount, notices } = ledger;
  return {
    ...{ fromMs, toMs, openFromMs, by: [...by], service, environment },
    currency: currencies.length === 1 ? (currencies[0] ?? null) : null,
    currencies,
    prices: describePrices(charges, pools, isWhole),
    unused,
    units,
    errors: errors.map(tellError),
    overcommitted: notices
      .filter(({ device }) => isWhole || (device !== null && ownDevices.has(device)))
      .map((notice) => tellError(isWhole ? notice : { ...notice, claims: [] })),
    errorCount,
  };
}

const tellError = ({ kind, fromMs, toMs, device, claims, message }: ReadSpans['errors'][number]) => ({
  ...{ kind, fromMs, toMs, device, claims: [...claims], message },
});

const ownerOf = ({
  service,
  environment,
}: SpanHolder): Pick<NonNullable<LedgerRow['owner']>, 'service' | 'environment'> | null =>
  service === null || environment === null ? null : { service, environment };

/** Returns what commitments paid for and nobody had, all hours of one added up. */
function addUnused({ spans }: ReadSpans): CostReport['unused'] {
  const bare = spans.map(({ fromMs, unused }) => ({ fromMs, unused, charges: [], holders: [] }));
  return addSpans(bare, 0).unused.map((part) => ({ ...part }));
}

function makeUnit(
  unit: CostUnit['unit'],
  charges: Charges,
  by: CostRequest['by'],
  { currencies, devices }: { readonly currencies: readonly string[]; readonly devices: number },
): CostUnit {
  const groups = sumGroups(charges, by, currencies);
  const [total] = sumGroups(charges, [], currencies);
  if (total === undefined) throw new RangeError('a unit without rows has no total');
  const { group: _, ...sums } = total;
  const unattributable = unattributableReasons.flatMap((reason) => {
    const computeMs = charges.reduce((sum, { row }) => sum + (row.reason === reason ? row.computeMs : 0), 0);
    return computeMs === 0 ? [] : [{ reason, computeMs }];
  });
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
