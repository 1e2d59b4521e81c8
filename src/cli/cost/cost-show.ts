import type { Command } from 'commander';
import { dimensions } from '../../core/cost/ledger/query/columns.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { costCsv } from './cost-csv.ts';
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
    .option('--csv', 'the groups as CSV, in exact milliseconds and money');
}

export async function runShow(context: CliContext, { options }: CommandInput): Promise<CommandResult> {
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
