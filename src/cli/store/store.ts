import type { CliCommand } from '../command.ts';
import { configureBackup, runBackup } from './store-backup.ts';
import { configureRestore, runRestore } from './store-restore.ts';
import { configureVerify, runVerify } from './store-verify.ts';

export const command: CliCommand = {
  configure(store) {
    configureBackup(store.command('backup'));
    configureRestore(store.command('restore'));
    configureVerify(store.command('verify'));
  },
  examples: [
    ['plimsoll store backup backups/monday', 'copy all records and the blobs that they need, while everything runs'],
    ['plimsoll store backup backups/records --no-blobs', 'the records alone'],
    ['plimsoll store verify backups/monday', 'read a backup again: is every byte as it was written?'],
    ['plimsoll store verify', 'check the present records and blobs'],
    ['plimsoll store restore backups/monday', 'into a store that holds nothing yet'],
    [
      'plimsoll store restore backups/monday --replace',
      'in place of what the store holds, with no control plane running',
    ],
  ],
  run(context, input) {
    if (input.path[0] === 'backup') return runBackup(context, input);
    return input.path[0] === 'restore' ? runRestore(context, input) : runVerify(context, input);
  },
};
