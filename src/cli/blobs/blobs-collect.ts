import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { keepers, type Keeper } from '../../core/rollout/keeping/kept-blobs.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { durationForm, formatDuration, readDuration } from '../../core/units/quantity/quantity-duration.ts';
import type { BlobCount, CollectedBlobs } from '../../ports/records/collected-blobs.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { alignedTable } from '../terminal/table.ts';

const keptBy: Readonly<Record<Keeper, string>> = {
  releases: 'releases that run, or that a rollback may go to',
  requests: 'requests to release that are open',
  models: 'model versions: aliased, released, pinned, or the newest',
  data: 'data versions',
  predictions: 'predictions of evaluations',
  lock: 'plimsoll.lock',
};

export function configureCollect(collect: Command): void {
  collect
    .description('remove stored bytes that no record names')
    .option('--dry-run', 'say what would go, and remove nothing')
    .option('--grace <time>', 'what was stored this shortly ago stays', '24h');
}

export async function runBlobsCollect(
  context: Pick<CliContext, 'collectBlobs'>,
  { options }: CommandInput,
): Promise<CommandResult> {
  const graceMs = readGrace(String(options['grace']));
  const collected = await context.collectBlobs({ graceMs, dryRun: options['dryRun'] === true });
  return { exit: 0, json: collected, text: textOf(collected) };
}

/** Less than what an upload and its record take would remove what somebody is about to record. */
function readGrace(text: string): number {
  const grace = readDuration(text);
  const atLeastMs = 3_600_000;
  if (grace.ok && grace.value >= atLeastMs) return grace.value;
  throw new PlimsollError({
    code: 'grace-invalid',
    category: 'input',
    message: `--grace ${text} is not ${durationForm} of 1h or more`,
    next: nextStep(cliSteps, 'grace-invalid'),
  });
}

function textOf({ dryRun, graceMs, removed, recent, kept }: CollectedBlobs): string {
  const grace = formatDuration(graceMs);
  const rows = [
    [dryRun ? 'can go' : 'removed', ...shown(removed), 'named by no record'],
    ['stay', ...shown(recent), `named by no record, stored in the last ${grace}`],
    ...keepers
      .filter((keeper) => kept[keeper].blobs > 0)
      .map((keeper) => ['stay', ...shown(kept[keeper]), keptBy[keeper]]),
  ];
  const next = dryRun && removed.blobs > 0 ? [`next: plimsoll blobs collect --grace ${grace}`] : [];
  return [...alignedTable(rows), ...next].join('\n');
}

const shown = ({ blobs, bytes }: BlobCount): readonly string[] => [
  formatBytes(bytes),
  `${blobs} ${blobs === 1 ? 'blob' : 'blobs'}`,
];
