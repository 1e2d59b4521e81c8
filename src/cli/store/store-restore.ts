import type { Command } from 'commander';
import type { CommandInput, CommandResult } from '../command.ts';
import { describeBackup, describeMissing, folderOf, summaryOf, type Parts } from './store-text.ts';

export function configureRestore(restore: Command): void {
  restore
    .description('put the records and blobs of a backup in place of what the store holds')
    .argument('<folder>', 'a backup that `plimsoll store backup FOLDER` made')
    .option('--replace', 'also where the store holds records: all of them go');
}

/** Exit 1 where all is restored and a check finds that the records do not agree with one another. */
export async function runRestore(context: Parts, { args, options }: CommandInput): Promise<CommandResult> {
  const folder = folderOf(context, args);
  const { manifest, problems } = await (
    await context.backups()
  ).restore({
    folder,
    replace: options['replace'] === true,
  });
  const left = manifest.missing.map(describeMissing);
  return {
    exit: problems.length === 0 && left.length === 0 ? 0 : 1,
    json: { folder, ...summaryOf(manifest), problems },
    text: [
      `restored ${args[0]}, made ${new Date(manifest.madeAtMs).toISOString()}: ${describeBackup(manifest)}`,
      ...problems.map((problem) => `problem: ${problem}`),
      ...left,
      `next: ${manifest.blobs === null ? 'plimsoll store verify' : 'plimsoll up'}`,
    ].join('\n'),
  };
}
