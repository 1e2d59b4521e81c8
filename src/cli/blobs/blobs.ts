import type { CliCommand } from '../command.ts';
import { configureCollect, runBlobsCollect } from './blobs-collect.ts';

export const command: CliCommand = {
  configure(blobs) {
    configureCollect(blobs.command('collect'));
  },
  examples: [
    ['plimsoll blobs collect --dry-run', 'how many bytes no record names, and what keeps the rest'],
    ['plimsoll blobs collect', 'remove them; what was stored in the last 24 hours stays'],
    ['plimsoll blobs collect --grace 7d', 'what was stored in the last week stays'],
  ],
  run: (context, input) => runBlobsCollect(context, input),
};
