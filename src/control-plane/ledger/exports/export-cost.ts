import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { writeCsv } from '../../../core/cost/exchange/csv-text.ts';
import { findCorrections } from '../../../core/cost/exchange/find-corrections.ts';
import { focusColumns } from '../../../core/cost/exchange/focus-columns.ts';
import { makeFocusRows, type CorrectedCharge } from '../../../core/cost/exchange/focus-rows.ts';
import { makeOpenCostAnswer } from '../../../core/cost/exchange/opencost-allocation.ts';
import { costHours } from '../../../core/cost/exchange/reconcile.ts';
import { hourMs } from '../../../core/cost/ledger/row.ts';
import { chargePools, type PricedLedger } from '../../../core/cost/prices/charge-pools.ts';
import type { PriceBook } from '../../../core/cost/prices/price-book.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { LedgerReader } from '../../../ports/records/ledger-records.ts';
import type { CostedHours, CostExport, CostRange, ExportFormat } from '../../../schemas/http/cost/http-cost-export.ts';
import { readClosedHours, type ClosedHours } from './closed-hours.ts';

type Books = ReadonlyMap<string, PriceBook>;

/** The bill is of the fleet to its teams; a cloud sends its own. */
const parties = { billingAccountId: 'fleet', billingAccountName: 'Fleet', issuer: 'Plimsoll' };

/**
 * Returns recorded hours as FOCUS 1.2 or as an answer of OpenCost.
 * @throws PlimsollError `export-needs-prices` (input) where no pool has a price book; `opencost-one-currency` (input).
 */
export async function exportCost(
  reader: Pick<LedgerReader, 'ledgerEntries'>,
  books: Books,
  { format, ...range }: CostRange & { readonly format: ExportFormat },
): Promise<CostExport> {
  const closed = await readClosedHours(reader, range);
  if (closed.count > 0 && books.size === 0) throw withoutPrices();
  const made = format === 'focus' ? makeFocus(closed, books) : makeOpenCost(closed, books, range);
  return { ...made, hours: closed.count };
}

/** Rows as recorded first, rows that correct them, and unused commitments add up to the money of the corrected hours. */
function makeFocus(closed: ClosedHours, books: Books): Omit<CostExport, 'hours'> {
  const before = chargePools(closed.first, books).ledgers;
  const after = closed.correctedAtMs.size === 0 ? before : chargePools(closed.corrected, books).ledgers;
  const keys = [...new Set([...before, ...after].map(({ bookKey }) => bookKey))];
  const exports = keys.map((key) => {
    const [was, is] = [find(before, key), find(after, key)];
    const ledger = is ?? was;
    if (ledger === undefined || ledger.currency === null) return { rows: [], unpricedMs: timeOf(ledger) };
    return makeFocusRows({ ...ledger, charges: was?.charges ?? [] }, parties, correct(was, is, closed));
  });
  const rows = exports.flatMap((each) => each.rows);
  const unpricedMs = exports.reduce((sum, each) => sum + each.unpricedMs, 0);
  return { text: writeCsv(focusColumns, rows), unpricedMs };
}

const find = (ledgers: readonly PricedLedger[], key: string | null): PricedLedger | undefined =>
  ledgers.find(({ bookKey }) => bookKey === key);

function correct(
  was: PricedLedger | undefined,
  is: PricedLedger | undefined,
  { correctedAtMs }: ClosedHours,
): readonly CorrectedCharge[] {
  if (was === is) return [];
  return findCorrections(was?.charges ?? [], is?.charges ?? []).flatMap((charge) => {
    const atMs = correctedAtMs.get(charge.row.hourMs);
    return atMs === undefined ? [] : [{ charge, correctedAtMs: atMs }];
  });
}

function makeOpenCost({ corrected }: ClosedHours, books: Books, range: CostRange): Omit<CostExport, 'hours'> {
  const { charges, ledgers } = chargePools(corrected, books);
  const currencies = [...new Set(ledgers.flatMap(({ currency }) => currency ?? []))];
  if (currencies.length > 1) throw ofSeveralCurrencies(currencies);
  const currency = currencies[0] ?? null;
  const all = { currency, source: null, split: null, charges, unused: ledgers.flatMap(({ unused }) => unused) };
  const unpricedMs = charges.reduce(
    (sum, { row, effectiveMicros }) => sum + (effectiveMicros === null ? row.computeMs : 0),
    0,
  );
  return { text: JSON.stringify(makeOpenCostAnswer(all, range, 'plimsoll')), unpricedMs };
}

const timeOf = (ledger: PricedLedger | undefined): number =>
  (ledger?.charges ?? []).reduce((sum, { row }) => sum + row.computeMs, 0);

/** Returns the money of recorded hours by device, for an invoice to be held against. */
export async function readCostedHours(
  reader: Pick<LedgerReader, 'ledgerEntries' | 'lastLedgerHour'>,
  books: Books,
  range: CostRange,
): Promise<CostedHours> {
  const closed = await readClosedHours(reader, range);
  const { charges, ledgers } = chargePools(closed.corrected, books);
  const last = await reader.lastLedgerHour();
  return {
    ledgers: ledgers.map((ledger) => {
      const { currency, hours } = costHours(ledger);
      return { currency, hours: [...hours] };
    }),
    hours: closed.count,
    unpricedMs: charges.reduce(
      (sum, { row, effectiveMicros }) => sum + (effectiveMicros === null ? row.computeMs : 0),
      0,
    ),
    closedToMs: last === null ? null : last + hourMs,
  };
}

function withoutPrices(): PlimsollError {
  return new PlimsollError({
    code: 'export-needs-prices',
    category: 'input',
    message: 'an export has costs, and no pool has a price book',
    next: nextStep(controlPlaneSteps, 'export-needs-prices'),
  });
}

function ofSeveralCurrencies(currencies: readonly string[]): PlimsollError {
  return new PlimsollError({
    code: 'opencost-one-currency',
    category: 'input',
    message: `an answer of OpenCost has one currency, and the pools have ${currencies.join(', ')}`,
    next: nextStep(controlPlaneSteps, 'opencost-one-currency'),
  });
}
