import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { reconcileInvoice, type CostedHour } from '../../core/cost/exchange/reconcile.ts';
import type { InvoiceLine } from '../../core/cost/exchange/read-invoice.ts';
import { hourMs, hourOf } from '../../core/cost/ledger/row.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { percentForm, readPercent } from '../../core/units/quantity/quantity-percent.ts';
import type { CostRange } from '../../schemas/http/cost/http-cost-export.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { costOperations } from './cost-options.ts';
import { splitDays } from './cost-range.ts';
import { importText, type Comparison, type ImportedInvoice } from './import-text.ts';
import { readInvoiceFile, readResources } from './invoice-file.ts';

const toleranceDefault = '1%';
const daysAtMost = 400;

export function configureImport(cost: Command): void {
  cost
    .command('import <file>')
    .description('hold an invoice (FOCUS, CSV or Parquet) against the ledger, line by line; records nothing')
    .option('--tolerance <percent>', `unexplained money that is no failure (default: ${toleranceDefault})`)
    .option('--resources <file>', 'CSV with device,resource: which resource of the invoice a device is billed as');
}

/** Exit 1 where more than the tolerance is unexplained, or a line is in a currency that the ledger does not have. */
export async function runImport(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [file = ''] = args;
  const toleranceShare = readTolerance(options['tolerance']);
  const lines = await readInvoiceFile(context, file);
  const map = typeof options['resources'] === 'string' ? await readResources(context, options['resources']) : null;
  const range = rangeOf(lines);
  const ledger = await readLedgerHours(context, range);
  if (ledger.byCurrency.size === 0) throw withoutMoney(ledger.hours);
  const comparisons = [...ledger.byCurrency].map(([currency, hours]): Comparison => {
    const own = lines.filter((line) => line.currency === currency);
    const found = reconcileInvoice(own, { currency, hours }, (device) => map?.get(device) ?? device);
    const most = Math.max(Math.abs(found.billedMicros), Math.abs(found.ledgerMicros));
    return { ...found, currency, unexplainedShare: most === 0 ? 0 : found.unexplainedMicros / most };
  });
  const imported: ImportedInvoice = {
    ...{ file, ...range, lines: lines.length, toleranceShare, comparisons },
    ...{ hours: ledger.hours, unpricedMs: ledger.unpricedMs, closedToMs: ledger.closedToMs },
    otherCurrency: lines.filter(({ currency }) => !ledger.byCurrency.has(currency)),
    splitLines: lines
      .filter(({ fromMs, toMs }) => fromMs % hourMs !== 0 || toMs % hourMs !== 0)
      .map(({ line }) => line),
  };
  const isAbove = comparisons.some(({ unexplainedShare }) => unexplainedShare > toleranceShare);
  const exit = isAbove || imported.otherCurrency.length > 0 ? 1 : 0;
  return { exit, json: imported, text: importText(imported) };
}

function readTolerance(value: unknown): number {
  const text = typeof value === 'string' ? value : toleranceDefault;
  const read = readPercent(text);
  if (read.ok) return read.value;
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--tolerance ${text} is not ${percentForm}`,
    next: nextStep(cliSteps, 'option-invalid/cost-import'),
  });
}

/** The hours that some line is about. */
function rangeOf(lines: readonly InvoiceLine[]): CostRange {
  const fromMs = hourOf(lines.reduce((least, line) => Math.min(least, line.fromMs), Infinity));
  const toMs = hourOf(lines.reduce((most, line) => Math.max(most, line.toMs), 0) - 1) + hourMs;
  if (toMs - fromMs <= daysAtMost * 86_400_000) return { fromMs, toMs };
  throw new PlimsollError({
    code: 'invoice-invalid',
    category: 'input',
    message: `the invoice is about more than ${daysAtMost} days`,
    next: 'split it by month',
  });
}

async function readLedgerHours(context: CliContext, range: CostRange) {
  const operations = await costOperations(context);
  const byCurrency = new Map<string, CostedHour[]>();
  let [hours, unpricedMs] = [0, 0];
  let closedToMs: number | null = null;
  for (const part of splitDays(range)) {
    context.signal.throwIfAborted();
    const answer = await operations.costedHours(part);
    hours += answer.hours;
    unpricedMs += answer.unpricedMs;
    closedToMs = answer.closedToMs;
    for (const { currency, hours: own } of answer.ledgers) {
      if (currency === null) continue;
      const known = byCurrency.get(currency) ?? [];
      byCurrency.set(currency, known);
      for (const hour of own) known.push(hour);
    }
  }
  return { byCurrency, hours, unpricedMs, closedToMs };
}

function withoutMoney(hours: number): PlimsollError {
  return new PlimsollError({
    code: 'import-needs-prices',
    category: 'input',
    message:
      hours === 0
        ? 'no hour of the invoice is recorded in the ledger'
        : 'the ledger has no money for the time of the invoice: no pool has a price book',
    next: nextStep(cliSteps, 'import-needs-prices'),
  });
}
