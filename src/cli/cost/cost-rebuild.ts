import type { Command } from 'commander';
import type { RebuiltLedger } from '../../schemas/http/cost/http-cost.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { timeText } from '../terminal/time-text.ts';
import { costOperations, readSince, sinceDefault } from './cost-options.ts';

export function configureRebuild(cost: Command): void {
  cost
    .command('rebuild')
    .description('derive recorded hours from their facts again, and compare each digit; writes nothing')
    .option('--since <duration>', `how long ago the first hour begins (default: ${sinceDefault})`);
}

/** Exit 1 where an hour came out another. */
export async function runRebuild(context: CliContext, { options }: CommandInput): Promise<CommandResult> {
  const rebuilt = await (await costOperations(context)).rebuildCost({ sinceMs: readSince(options['since']) });
  return { exit: rebuilt.identical ? 0 : 1, json: rebuilt, text: rebuiltText(rebuilt) };
}

function rebuiltText({ hours, forgotten, identical, rebuiltDigest, recordedDigest, different }: RebuiltLedger): string {
  const left = forgotten === 0 ? [] : [`${forgotten} hours were not compared: their facts are not kept any more`];
  if (hours === 0) return ['no hour is recorded in this time', ...left].join('\n');
  if (identical) return [`${hours} hours came out the same: ${rebuiltDigest}`, ...left].join('\n');
  return [
    `${different.length} of ${hours} hours came out another: recorded ${recordedDigest}, now ${rebuiltDigest}`,
    ...different.map(({ hourMs, rows, errors }) => `  ${timeText(hourMs)}: ${rows} rows and ${errors} errors differ`),
    ...left,
    'next: the two hours before the newest are corrected with the next hour; report older ones with their facts',
  ].join('\n');
}
