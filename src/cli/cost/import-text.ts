import type { InvoiceLine } from '../../core/cost/exchange/read-invoice.ts';
import type { Reconciliation } from '../../core/cost/exchange/reconcile.ts';
import { hourMs } from '../../core/cost/ledger/row.ts';
import { formatPercent } from '../../core/units/quantity/quantity-percent.ts';
import type { CostRange } from '../../schemas/http/cost/http-cost-export.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import { timeText } from '../terminal/time-text.ts';
import { shortMoney } from './cost-money.ts';

/** An invoice and the ledger in one currency. */
export interface Comparison extends Reconciliation {
  readonly currency: string;
  /** Unexplained money over the larger of both sides. */
  readonly unexplainedShare: number;
}

export interface ImportedInvoice extends CostRange {
  readonly file: string;
  readonly lines: number;
  readonly toleranceShare: number;
  readonly comparisons: readonly Comparison[];
  /** Lines in a currency that no price book has. */
  readonly otherCurrency: readonly InvoiceLine[];
  /** Lines that begin or end inside an hour of the ledger. */
  readonly splitLines: readonly number[];
  /** Recorded hours in the time of the invoice. */
  readonly hours: number;
  readonly unpricedMs: number;
  readonly closedToMs: number | null;
}

const shownAtMost = 10;

/** Returns what an invoice and the ledger say of each other, as text; `--json` has all lines. */
export function importText(imported: ImportedInvoice): string {
  const { file, lines, fromMs, toMs, comparisons, otherCurrency, splitLines, hours, unpricedMs } = imported;
  const asked = (toMs - fromMs) / hourMs;
  return textOfLines([
    `${file}: ${count(lines, 'line')} from ${timeText(fromMs)} to ${timeText(toMs)}`,
    ...comparisons.flatMap((each) => ['', ...comparisonLines(each, imported.toleranceShare)]),
    ...(otherCurrency.length === 0 ? [] : ['', ...otherLines(otherCurrency)]),
    ...(hours === asked ? [] : ['', `the ledger has ${hours} of the ${asked} hours of the invoice recorded`]),
    ...(unpricedMs === 0
      ? []
      : ['', `${(unpricedMs / 1_000).toFixed(1)} s of device time have no price: plimsoll cost`]),
    ...(splitLines.length === 0
      ? []
      : ['', `${count(splitLines.length, 'line')} begin or end inside an hour (UTC); an hour counts where it begins`]),
  ]);
}

function comparisonLines(found: Comparison, toleranceShare: number): readonly string[] {
  const { currency, billedMicros, ledgerMicros, unexplainedMicros, unexplainedShare } = found;
  const { matched, billedOnly, ledgerOnly } = found;
  const isAbove = unexplainedShare > toleranceShare;
  const different = matched.filter(({ differenceMicros }) => differenceMicros !== 0);
  return [
    `${currency}: billed ${shortMoney(billedMicros)}, in the ledger ${shortMoney(ledgerMicros)}`,
    `unexplained: ${shortMoney(unexplainedMicros)} (${formatPercent(unexplainedShare)}), ${isAbove ? 'above' : 'within'} the tolerance of ${formatPercent(toleranceShare)}`,
    `matched: ${count(matched.length, 'resource and period', 'resources and periods')}, ${different.length} with a difference`,
    ...indented([
      ['RESOURCE', 'FROM', 'TO', 'BILLED', 'LEDGER', 'DIFFERENCE', 'LINES'],
      ...different
        .slice(0, shownAtMost)
        .map((each) => [
          ...[each.resource, timeText(each.fromMs), timeText(each.toMs)],
          ...[each.billedMicros, each.ledgerMicros, each.differenceMicros].map(shortMoney),
          each.lines.slice(0, shownAtMost).join(','),
        ]),
    ]),
    `billed and not in the ledger: ${count(billedOnly.length, 'line')}, ${shortMoney(sum(billedOnly))}`,
    ...indented([
      ['LINE', 'RESOURCE', 'BILLED', 'DESCRIPTION'],
      ...billedOnly
        .slice(0, shownAtMost)
        .map(({ line, resource, micros, description }) => [
          String(line),
          resource ?? '(none)',
          shortMoney(micros),
          description,
        ]),
    ]),
    `in the ledger and not billed: ${count(ledgerOnly.length, 'resource')}, ${shortMoney(sum(ledgerOnly))}`,
    ...indented([
      ['RESOURCE', 'LEDGER'],
      ...ledgerOnly.slice(0, shownAtMost).map(({ resource, micros }) => [resource, shortMoney(micros)]),
    ]),
    ...(billedOnly.length > 0 && ledgerOnly.length > 0
      ? ['next: name which resource each device is billed as: plimsoll cost import FILE --resources FILE']
      : []),
  ];
}

/** A table without rows has no lines. */
const indented = (rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length < 2 ? [] : alignedTable(rows, '  ');

function otherLines(lines: readonly InvoiceLine[]): readonly string[] {
  const byCurrency = [...Map.groupBy(lines, ({ currency }) => currency)];
  return byCurrency.map(
    ([currency, own]) =>
      `not compared: ${count(own.length, 'line')} in ${currency}, ${shortMoney(sum(own))}; no price book is in ${currency}`,
  );
}

const sum = (parts: readonly { readonly micros: number }[]): number =>
  parts.reduce((all, { micros }) => all + micros, 0);

const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;
