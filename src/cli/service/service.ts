import type { CliCommand } from '../command.ts';
import { configureRemove, runServiceRemove } from './service-remove.ts';
import { configureTransfer, runServiceTransfer } from './service-transfer.ts';

export const command: CliCommand = {
  configure(service) {
    configureRemove(service.command('remove'));
    configureTransfer(service.command('transfer'));
  },
  examples: [
    [
      'plimsoll service remove digits --environment prod',
      'asks first; then no request reaches it, and its replicas stop',
    ],
    ['plimsoll service remove digits --yes --reason "digits-v2 took over"', 'the same without a question'],
    [
      'plimsoll service remove digits --server https://plimsoll.example',
      'at a control plane elsewhere, from any folder',
    ],
    [
      'plimsoll service transfer digits --environment prod --to service=digits',
      'from now on tokens for the service digits release it there',
    ],
    ['plimsoll service transfer digits --environment prod --to anyone', 'every token that may release it does'],
  ],
  run: (context, input) =>
    input.path[0] === 'transfer' ? runServiceTransfer(context, input) : runServiceRemove(context, input),
};
