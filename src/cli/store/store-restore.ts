import type { Command } from 'commander';
import type { BackupManifest } from '../../core/records/backup.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { describeBackup, describeMissing, folderOf, summaryOf, type Parts } from './store-text.ts';

export function configureRestore(restore: Command): void {
  restore
    .description('put the records and blobs of a backup in place of what the store holds')
    .argument('<folder>', 'a backup that `plimsoll store backup FOLDER` made')
    .option('--replace', 'also where the store holds records: all of them go')
    .option('--keep-schema', 'leave the tables as the older Plimsoll that made the backup reads them');
}

/** Exit 1 where all is restored and a check finds that the records do not agree with one another. */
export async function runRestore(context: Parts, { args, options }: CommandInput): Promise<CommandResult> {
  const folder = folderOf(context, args);
  const keepSchema = options['keepSchema'] === true;
  const { manifest, problems } = await (
    await context.backups()
  ).restore({
    folder,
    replace: options['replace'] === true,
    keepSchema,
  });
  const left = manifest.missing.map(describeMissing);
  return {
    exit: problems.length === 0 && left.length === 0 ? 0 : 1,
    json: { folder, ...summaryOf(manifest), problems },
    text: [
      `restored ${args[0]}, made ${new Date(manifest.madeAtMs).toISOString()}: ${describeBackup(manifest)}`,
      ...problems.map((problem) => `problem: ${problem}`),
      ...left,
      `next: ${nextOf(manifest, keepSchema)}`,
    ].join('\n'),
  };
}

function nextOf({ blobs, plimsollVersion, schemaVersion }: BackupManifest, keepSchema: boolean): string {
  if (keepSchema) {
    return `start Plimsoll ${plimsollVersion}, which made the backup: a newer one changes schema version ${schemaVersion} when it opens the store`;
  }
  return blobs === null ? 'plimsoll store verify' : 'plimsoll up';
}
