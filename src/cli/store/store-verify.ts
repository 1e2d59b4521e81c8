import type { Command } from 'commander';
import type { CommandInput, CommandResult } from '../command.ts';
import {
  countOf,
  counted,
  describeBackup,
  describeBlobs,
  describeMissing,
  folderOf,
  summaryOf,
  type Parts,
} from './store-text.ts';

export function configureVerify(verify: Command): void {
  verify
    .description('read a backup, or the present records and their blobs, and say what is not as it was written')
    .argument('[folder]', 'a backup; without it the present store');
}

export async function runVerify(context: Parts, { args }: CommandInput): Promise<CommandResult> {
  const backups = await context.backups();
  if (args[0] === undefined) {
    const { blobs, problems } = await backups.verifyStore();
    const whole = `the store is whole: its records agree, and ${describeBlobs(blobs)} are there`;
    return resultOf(problems, { ...countOf(blobs), problems }, whole, 'plimsoll store restore FOLDER --replace');
  }
  const folder = folderOf(context, args);
  const verified = await backups.verifyBackup(folder);
  const { manifest } = verified;
  const problems = [...verified.problems, ...(manifest?.missing ?? []).map(describeMissing)];
  const json = { folder, ...(manifest === null ? {} : summaryOf(manifest)), problems };
  const whole = manifest === null ? '' : `the backup ${args[0]} is whole: ${describeBackup(manifest)}`;
  return resultOf(problems, json, whole, 'take another backup: plimsoll store backup FOLDER');
}

function resultOf(problems: readonly string[], json: unknown, whole: string, next: string): CommandResult {
  if (problems.length === 0) return { exit: 0, json, text: whole };
  const text = [counted(problems.length, 'problem'), ...problems.map((problem) => `  ${problem}`), `next: ${next}`];
  return { exit: 1, json, text: text.join('\n') };
}
