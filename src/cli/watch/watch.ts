import type { CliCommand } from '../command.ts';
import { configureTestNotify, runTestNotify } from './watch-test-notify.ts';

export const command: CliCommand = {
  configure(watch) {
    configureTestNotify(watch.command('test-notify'));
  },
  examples: [['plimsoll watch test-notify', 'says of each target whether it took a marked message']],
  run: runTestNotify,
};
