import type { CliCommand } from '../command.ts';
import { runSecretFrom } from './secret-from.ts';
import { runSecretGrant, runSecretRevokeGrant } from './secret-grant.ts';
import { runSecretList } from './secret-list.ts';
import { runSecretSet } from './secret-set.ts';

export const command: CliCommand = {
  configure(secret) {
    secret
      .command('set')
      .description('store the value of one key of a secret; it is read from standard input, or from a file')
      .argument('<name>', 'the secret, as `secret/NAME#KEY` of the contract names it')
      .argument('<key>', 'the key in it')
      .option('--from-file <file>', 'read the value from this file');
    secret
      .command('from')
      .description('read the values of a secret from a Vault server; --here reads them from the state folder again')
      .argument('<name>', 'the secret, as `secret/NAME#KEY` of the contract names it')
      .argument('[place]', 'vault://MOUNT/PATH of a key-value store of version 2')
      .option('--here', 'use the values that `secret set` stored');
    secret
      .command('grant')
      .description('let replicas of a service have a secret; with --environment in that environment only')
      .argument('<name>')
      .option('--service <name>', 'the service (default: that of the contract)');
    secret
      .command('revoke-grant')
      .description('take a grant back; replicas that run keep what they were given')
      .argument('<name>')
      .option('--service <name>', 'the service (default: that of the contract)');
    secret.command('list').description('secrets with their keys and grants, never a value');
  },
  examples: [
    ['plimsoll secret set hf token < token.txt', 'store the value of secret/hf#token in the state folder'],
    ['plimsoll secret from hf vault://kv/team/hf', 'read the values of the secret there from now on'],
    ['plimsoll secret grant hf', 'let the service of the contract have it, in every environment'],
    ['plimsoll secret grant hf --service digits --environment prod', 'let one service have it, in one environment'],
    ['plimsoll secret revoke-grant hf --service digits --environment prod', 'take that grant back'],
    ['plimsoll secret list', 'names, keys and grants'],
  ],
  run(context, input) {
    switch (input.path[0]) {
      case 'set':
        return runSecretSet(context, input);
      case 'from':
        return runSecretFrom(context, input);
      case 'grant':
        return runSecretGrant(context, input);
      case 'revoke-grant':
        return runSecretRevokeGrant(context, input);
      default:
        return runSecretList(context);
    }
  },
};
