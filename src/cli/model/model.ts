import { Option, type Command } from 'commander';
import { runShare } from '../artifact-share.ts';
import type { CliCommand } from '../command.ts';
import { runModelAdd } from './model-add.ts';
import { runModelAlias } from './model-alias.ts';
import { runModelDiff } from './model-diff.ts';
import { runModelLineage } from './model-lineage.ts';
import { runModelList, runModelShow } from './model-show.ts';
import { requireOci } from '../../prove/artifacts/remote-reference.ts';
import { runModelEvidence, runModelPush } from './model-push.ts';
import { runModelWatch } from './model-watch.ts';
import { runModelVerify } from './model-verify.ts';

const withAddOptions = (command: Command): Command =>
  command
    .requiredOption('--name <name>', 'the name of the model: letters, digits, dots, dashes')
    .option('--alias <alias>', 'point this alias at the new version')
    .option('--trained-on <data:version>', 'the data version that it was trained on')
    .option('--preprocessing <code>', '`code` for the code that the lock pins, or a digest: what preprocesses for it')
    .option('--parent <version>', 'the version of this model that it was trained from, or that it replaces')
    .option('--note <text>', 'why this version exists')
    .option('--allow-pickle', 'take pickled files, which run whatever they hold when they are loaded');

export const command: CliCommand = {
  configure(model) {
    withAddOptions(
      model
        .command('add')
        .description('store a model as the next version of its name')
        .argument(
          '<source>',
          'a model file, a folder with one, mlflow:NAME@ALIAS, mlflow://HOST:PORT/NAME:3, oci://HOST/REPO:TAG, s3://BUCKET/PREFIX',
        ),
    );
    withAddOptions(
      model
        .command('pull')
        .description('take a version from an OCI registry: `model add oci://...` by its other name')
        .argument('<oci://host/repository:tag>'),
    );
    model
      .command('watch')
      .description('follow a registered model of MLflow: new versions and moves of its aliases, both ways')
      .argument('<source>', 'mlflow:NAME or mlflow://HOST:PORT/NAME')
      .option('--name <name>', 'the name of the model here; the one that it has there otherwise')
      .option('--alias <alias...>', 'aliases to keep in step')
      .option('--every <time>', 'how often to look', '30s')
      .option('--once', 'look once, and end');
    model
      .command('push')
      .description('push a version to an OCI registry as a ModelPack artifact with its evidence, or its files to S3')
      .argument('<name[:version|:alias]>')
      .argument('<oci://host/repository:tag|s3://bucket/prefix>');
    model
      .command('evidence')
      .description('list the evidence that is attached to an artifact in an OCI registry')
      .argument('<oci://host/repository:tag>');
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
      .requiredOption('--reason <text>', 'why, for the history')
      .option('--evidence <kind...>', 'which evidence of the lock it rests on; all that there is when not given');
    model
      .command('share')
      .description('let another service release this model; who owns it alone adds versions and moves aliases')
      .argument('<name>')
      .requiredOption('--with <service>', 'the other service')
      .option('--stop', 'share it with that service no more; what it released runs on, and can be rolled back');
    model
      .command('diff')
      .description('what differs between two versions: content, files, facts, lineage, and whether callers could go on')
      .argument('<before>', 'name:version or name@alias')
      .argument('<after>', 'name:version or name@alias')
      .addOption(new Option('--format <format>', 'form of the answer').choices(['text', 'markdown']).default('text'));
    model
      .command('lineage')
      .description('where versions came from and which releases used them')
      .argument('<name[:version|@alias]>', 'all versions when only the name is given');
    model
      .command('verify')
      .description('read every stored file again and compare it with its digest')
      .argument('[name[:version|:alias]]', 'all models when it is not given');
  },
  examples: [
    ['plimsoll model add model.onnx --name digits --alias candidate', 'stores it and points the alias at it'],
    ['plimsoll model add ./export --name ranker --trained-on clicks:3', 'stores a folder, and what it was trained on'],
    ['plimsoll model add mlflow:digits@champion --name digits', 'fetches what the alias means, and pins its files'],
    ['plimsoll model push digits:2 oci://registry.example/team/digits:2', 'readable by oras and skopeo'],
    ['plimsoll model push digits:2 s3://models/digits/2', 'its files as they are, below a prefix of their own'],
    ['plimsoll model pull oci://registry.example/team/digits:2 --name digits', 'the same version somewhere else'],
    ['plimsoll model show digits:candidate', 'inputs, outputs, opset, size and history'],
    ['plimsoll model alias digits candidate 1 --reason "2 confuses 4 and 9"', 'points the alias back'],
    ['plimsoll model share digits --with chat', 'lets the service chat release the versions of digits'],
    ['plimsoll model verify', 'exits 1 when a stored byte changed'],
  ],
  run(context, input) {
    switch (input.path[0]) {
      case 'add':
        return runModelAdd(context, input);
      case 'pull':
        requireOci(input.args[0] ?? '', context.env);
        return runModelAdd(context, input);
      case 'watch':
        return runModelWatch(context, input);
      case 'push':
        return runModelPush(context, input);
      case 'evidence':
        return runModelEvidence(context, input);
      case 'show':
        return runModelShow(context, input);
      case 'alias':
        return runModelAlias(context, input);
      case 'share':
        return runShare('model', context, input);
      case 'diff':
        return runModelDiff(context, input);
      case 'lineage':
        return runModelLineage(context, input);
      case 'verify':
        return runModelVerify(context, input);
      default:
        return runModelList(context);
    }
  },
};
