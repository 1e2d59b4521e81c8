import type { CliCommand } from '../command.ts';
import { configureAdd, runTokenAdd } from './token-add.ts';
import { configureList, runTokenList } from './token-list.ts';
import { configureRevoke, runTokenRevoke } from './token-revoke.ts';

export const command: CliCommand = {
  configure(command) {
    configureAdd(command.command('add'));
    configureList(command.command('list'));
    configureRevoke(command.command('revoke'));
  },
  examples: [
    ['plimsoll token add ci --role release --expires 90d > ci.token', 'a token for a CI job; it is printed this once'],
    ['plimsoll token add ada --role operate --service digits --environment prod', 'for one service and environment'],
    [
      'plimsoll token add glass --role operate --break-glass',
      'for an emergency: it does not expire, and each use is told',
    ],
    ['plimsoll token list', 'names, roles, scopes and expiry; never a token'],
    ['plimsoll token revoke ci', 'takes it back; a running control plane knows within a second'],
  ],
  async run(context, input) {
    const [subcommand] = input.path;
    if (subcommand === 'add') return runTokenAdd(context, input);
    if (subcommand === 'revoke') return runTokenRevoke(context, input);
    return runTokenList(context, input);
  },
};
