import { termKeys } from '../../core/fleet/environment/environment-record.ts';
import type { CliCommand } from '../command.ts';
import { runEnvironmentClear } from './environment-clear.ts';
import { runEnvironmentSet } from './environment-set.ts';
import { runEnvironmentList, runEnvironmentShow } from './environment-show.ts';

export const command: CliCommand = {
  configure(environment) {
    environment
      .command('show')
      .description('the record of an environment, as a file that `set` reads')
      .argument('[name]', "the environment (default: --environment, or the contract's only one)");
    environment.command('list').description('environments with a record: version, keys, who set it');
    environment
      .command('set')
      .description('set the record of an environment, in the place of what was recorded')
      .argument('<name>', 'the environment')
      .option('--file <file>', `YAML with the keys ${termKeys.join(', ')}`)
      .option('--policy <file>', 'YAML with the keys of `policy` alone; the other keys of the record stay')
      .option('--if-version <n>', 'only where the record is at this version; 0 is none');
    environment
      .command('clear')
      .description('take keys of the record back; all of them without a key')
      .argument('<name>', 'the environment')
      .argument('[keys...]', `of ${termKeys.join(', ')}`);
  },
  examples: [
    ['plimsoll environment show prod', 'what holds for every service in prod'],
    ['plimsoll environment set prod --file environment.yaml', 'prices, pool, platform, policy and spares of prod'],
    ['plimsoll environment set prod --policy policy.yaml', 'whose evidence counts in prod, and what is never waived'],
    ['plimsoll environment show prod > environment.yaml', 'a file to change and to set again'],
    ['plimsoll environment clear prod policy', 'take the policy back'],
    ['plimsoll environment list', 'every environment that has a record'],
  ],
  run(context, input) {
    switch (input.path[0]) {
      case 'set':
        return runEnvironmentSet(context, input);
      case 'clear':
        return runEnvironmentClear(context, input);
      case 'list':
        return runEnvironmentList(context);
      default:
        return runEnvironmentShow(context, input);
    }
  },
};
