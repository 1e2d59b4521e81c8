import type { CliCommand } from '../command.ts';
import { configureCreate, runKeyCreate } from './key-create.ts';
import { configureList, runKeyList } from './key-list.ts';
import { configureRevoke, runKeyRevoke } from './key-revoke.ts';

export const command: CliCommand = {
  configure(command) {
    configureCreate(command.command('create'));
    configureList(command.command('list'));
    configureRevoke(command.command('revoke'));
  },
  examples: [
    ['plimsoll key create ci-2026 --out ci.key --expires 365d', 'a key pair; prints the line for `keys` of a policy'],
    ['plimsoll key list prod', 'the keys that prod counts: id, expiry, revocation'],
    ['plimsoll key revoke ci-2026 prod', 'signatures that arrive from now on count no more; earlier ones do'],
    ['plimsoll key revoke ci-2026 prod --since 2026-11-01', 'the same for signatures that arrived since that day'],
  ],
  async run(context, input) {
    const [subcommand] = input.path;
    if (subcommand === 'create') return runKeyCreate(context, input);
    if (subcommand === 'revoke') return runKeyRevoke(context, input);
    return runKeyList(context, input);
  },
};
