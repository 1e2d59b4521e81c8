import type { Command } from 'commander';
import { dimensions } from '../../core/cost/ledger/query/columns.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { costCsv } from './cost-csv.ts';
import { exportFormatOf, runExport } from './cost-export.ts';
import { costOperations, readDimensions, readSince, sinceDefault } from './cost-options.ts';
import { costText } from './cost-text.ts';

export function configureShow(cost: Command): void {
  cost
    .command('show', { isDefault: true })
    .description('device time by state, and what it cost: seconds of accelerators, and of cores (the default)')
    .option('--by <names>', `one or more of ${dimensions.join(', ')}, with commas (default: service)`)
    .option('--since <duration>', `how long ago the account begins, at a full hour (default: ${sinceDefault})`)
    .option('--of <service>', 'time of this service alone')
    .option('--in <environment>', 'time of this environment alone')
    .option('--csv', 'the groups as CSV, in exact milliseconds and money')
    .option('--focus', 'all recorded rows as FOCUS 1.2 (CSV)')
    .option('--opencost', 'recorded hours as an answer of OpenCost (JSON)')
    .option('--from <day>', 'first day of --focus and --opencost (UTC), in the place of --since')
    .option('--to <day>', 'the day before which --focus and --opencost end (UTC)');
}

export async function runShow(context: CliContext, input: CommandInput): Promise<CommandResult> {
  const { options } = input;
  const format = exportFormatOf(options);
  if (format !== null) return runExport(context, input, format);
  const [service, environment] = [options['of'], options['in']];
  const request = {
    by: readDimensions(options['by']),
    sinceMs: readSince(options['since']),
    ...(typeof service === 'string' ? { service } : {}),
    ...(typeof environment === 'string' ? { environment } : {}),
  };
  const report = await (await costOperations(context)).cost(request);
  return { exit: 0, json: report, text: options['csv'] === true ? costCsv(report) : costText(report) };
}
