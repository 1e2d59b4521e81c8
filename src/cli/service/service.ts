import type { CliCommand } from '../command.ts';
import { configureTransfer, runServiceTransfer } from './service-transfer.ts';

export const command: CliCommand = {
  configure(service) {
    configureTransfer(service.command('transfer'));
  },
  examples: [
    [
      'plimsoll service transfer digits --environment prod --to service=digits',
      'from now on tokens for the service digits release it there',
    ],
    ['plimsoll service transfer digits --environment prod --to anyone', 'every token that may release it does'],
  ],
  run: runServiceTransfer,
};
