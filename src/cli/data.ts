import type { CliCommand } from './command.ts';
import { runDataAdd } from './data-add.ts';
import { runDataList, runDataShow } from './data-show.ts';

export const command: CliCommand = {
  configure(data) {
    data
      .command('add')
      .description('store a file of rows as the next version of its name')
      .argument('<file>', 'JSON lines (.jsonl, .ndjson: one object a line) or CSV (.csv, with a header)')
      .requiredOption('--name <name>', 'the name of the data: letters, digits, dots, dashes');
    data.command('list').description('all data with their versions');
    data
      .command('show')
      .description('one version: rows, columns with their types, digest, file')
      .argument('<name[:version]>', 'the newest version when none is given');
  },
  examples: [
    ['plimsoll data add holdout.jsonl --name digits-holdout', 'stores it; the digest is of the rows, not of the file'],
    ['plimsoll data show digits-holdout', 'rows, columns with their types, digest'],
  ],
  run(context, input) {
    switch (input.path[0]) {
      case 'add':
        return runDataAdd(context, input);
      case 'show':
        return runDataShow(context, input);
      default:
        return runDataList(context);
    }
  },
};
