import type { CliCommand } from './command.ts';
import { runModelAdd } from './model-add.ts';
import { runModelAlias } from './model-alias.ts';
import { runModelList, runModelShow } from './model-show.ts';
import { runModelVerify } from './model-verify.ts';

export const command: CliCommand = {
  configure(model) {
    model
      .command('add')
      .description('store a model as the next version of its name')
      .argument('<file-or-folder>', 'an .onnx file, or a folder with one and what belongs to it')
      .requiredOption('--name <name>', 'the name of the model: letters, digits, dots, dashes')
      .option('--alias <alias>', 'point this alias at the new version')
      .option('--trained-on <data:version>', 'the data version that it was trained on')
      .option('--note <text>', 'why this version exists');
    model.command('list').description('all models with their versions and aliases');
    model
      .command('show')
      .description('one version: its inputs, outputs, opset, size, files, lineage and aliases')
      .argument('<name[:version|:alias]>', 'the newest version when neither is given');
    model
      .command('alias')
      .description('point an alias at a version; where it was stays in the history')
      .argument('<name>')
      .argument('<alias>')
      .argument('<version>', 'a number, another alias, or `none` to take the alias away')
      .requiredOption('--reason <text>', 'why, for the history');
    model
      .command('verify')
      .description('read every stored file again and compare it with its digest')
      .argument('[name[:version|:alias]]', 'all models when it is not given');
  },
  examples: [
    ['plimsoll model add model.onnx --name digits --alias candidate', 'stores it and points the alias at it'],
    ['plimsoll model add ./export --name ranker --trained-on clicks:3', 'stores a folder, and what it was trained on'],
    ['plimsoll model show digits:candidate', 'inputs, outputs, opset, size and history'],
    ['plimsoll model alias digits candidate 1 --reason "2 confuses 4 and 9"', 'points the alias back'],
    ['plimsoll model verify', 'exits 1 when a stored byte changed'],
  ],
  run(context, input) {
    switch (input.path[0]) {
      case 'add':
        return runModelAdd(context, input);
      case 'show':
        return runModelShow(context, input);
      case 'alias':
        return runModelAlias(context, input);
      case 'verify':
        return runModelVerify(context, input);
      default:
        return runModelList(context);
    }
  },
};
