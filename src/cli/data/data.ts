import { Option } from 'commander';
import { runShare } from '../artifact-share.ts';
import type { CliCommand } from '../command.ts';
import { runDataAdd } from './data-add.ts';
import { runDataDiff } from './data-diff.ts';
import { runDataPull } from './data-pull.ts';
import { runDataPush } from './data-push.ts';
import { runDataList, runDataShow } from './data-show.ts';

export const command: CliCommand = {
  configure(data) {
    data
      .command('add')
      .description('store rows as the next version of their name, with a profile of every column')
      .argument(
        '<files...>',
        'JSON lines (.jsonl, .ndjson), CSV with a header, Parquet, NumPy (.npy, .npz) or IDX (also .gz); a folder, each file a row; or several arrays side by side, as image=FILE label=FILE',
      )
      .requiredOption('--name <name>', 'the name of the data: letters, digits, dots, dashes');
    data
      .command('push')
      .description('push the files of a version to an OCI registry as a ModelPack artifact')
      .argument('<name[:version]>')
      .argument('<oci://host/repository:tag>');
    data
      .command('pull')
      .description('take a version from an OCI registry, its rows read and profiled again')
      .argument('<oci://host/repository:tag>')
      .requiredOption('--name <name>', 'the name of the data here: letters, digits, dots, dashes');
    data.command('list').description('all data with their versions');
    data
      .command('show')
      .description('one version: rows, columns with their types and profiles, digest, files')
      .argument('<name[:version]>', 'the newest version when none is given');
    data
      .command('share')
      .description('let another service release with these data as its golden set; who owns them alone adds versions')
      .argument('<name>')
      .requiredOption('--with <service>', 'the other service')
      .option('--stop', 'share them with that service no more; what it released runs on, and can be rolled back');
    data
      .command('diff')
      .description('what moved from one version to another: columns, rows, and how far the values of each column')
      .argument('<before>', 'name:version')
      .argument('<after>', 'name:version')
      .addOption(new Option('--format <format>', 'form of the answer').choices(['text', 'markdown']).default('text'));
  },
  examples: [
    ['plimsoll data add holdout.jsonl --name digits-holdout', 'stores it; the digest is of the rows, not of the file'],
    ['plimsoll data push digits-holdout oci://registry.example/team/holdout:1', 'readable by oras and skopeo'],
    [
      'plimsoll data pull oci://registry.example/team/holdout:1 --name digits-holdout',
      'the same rows, the same digest',
    ],
    ['plimsoll data show digits-holdout', 'rows, columns with their types and profiles, digest'],
    ['plimsoll data share digits-golden --with chat', 'lets the service chat release with them'],
    ['plimsoll data diff digits-train:1 digits-train:2', 'what moved, the most first'],
  ],
  run(context, input) {
    switch (input.path[0]) {
      case 'add':
        return runDataAdd(context, input);
      case 'diff':
        return runDataDiff(context, input);
      case 'pull':
        return runDataPull(context, input);
      case 'push':
        return runDataPush(context, input);
      case 'share':
        return runShare('data', context, input);
      case 'show':
        return runDataShow(context, input);
      default:
        return runDataList(context);
    }
  },
};
