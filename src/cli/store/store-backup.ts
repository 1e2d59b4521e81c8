import type { Command } from 'commander';
import type { CommandInput, CommandResult } from '../command.ts';
import { describeBackup, describeMissing, folderOf, summaryOf, type Parts } from './store-text.ts';

export function configureBackup(backup: Command): void {
  backup
    .description('copy all records, and the blobs that they need, into a new folder')
    .argument('<folder>', 'where the backup is made; it is not there yet, or is empty')
    .option('--no-blobs', 'leave the blobs out');
}

/** Exit 1 where the backup is made and a blob that the records need was not whole. */
export async function runBackup(context: Parts, { args, options }: CommandInput): Promise<CommandResult> {
  const folder = folderOf(context, args);
  const manifest = await (await context.backups()).backUp({ folder, withBlobs: options['blobs'] !== false });
  const { missing } = manifest;
  return {
    exit: missing.length === 0 ? 0 : 1,
    json: { folder, ...summaryOf(manifest) },
    text: [
      `backed up to ${args[0]}: ${describeBackup(manifest)}`,
      ...missing.map(describeMissing),
      `next: plimsoll store verify ${args[0]}`,
    ].join('\n'),
  };
}
