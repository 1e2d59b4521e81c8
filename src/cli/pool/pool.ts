import { Option } from 'commander';
import type { CliCommand } from '../command.ts';
import { configureDeclare, runPoolDeclare } from './pool-declare.ts';
import { runPoolDiff } from './pool-diff.ts';
import { runPoolList, runPoolShow } from './pool-show.ts';
import { runPoolSnapshot, statedArchitecture, statedSharing } from './pool-snapshot.ts';

export const command: CliCommand = {
  configure(pool) {
    pool
      .command('snapshot')
      .description('read the facts of the nodes of a pool, and write them as pools/NAME.json beside the contract')
      .argument('<name>', 'the pool, as environments.<name>.pool of the contract names it')
      .argument(
        '[source...]',
        'a file of `kubectl get nodes,resourceslices -o json`, `plimsoll probe --json` or `nvidia-smi -q -x` (named after its node); - for standard input; cluster or cluster:CONTEXT; this-machine',
      )
      .option('--selector <label...>', 'only nodes with these labels, each KEY=VALUE')
      .option('--out <file>', 'write this file instead')
      .addOption(
        new Option(
          '--sharing <how>',
          'how boards are handed out, for nodes of which no source tells it (nvidia-smi does not)',
        ).choices(statedSharing),
      )
      .addOption(
        new Option(
          '--architecture <cpu>',
          'of the CPU, for nodes of which no source tells it (nvidia-smi does not)',
        ).choices(Object.keys(statedArchitecture)),
      );
    pool
      .command('show')
      .description('classes, nodes, certainty, age, what is declared and what is not known')
      .argument('<name>', 'a pool, or a file of one');
    pool
      .command('diff')
      .description('what changed from one snapshot to another, and which evidence that makes stale')
      .argument('<from>', 'a pool, or a file of one')
      .argument('<to>', 'a pool, or a file of one');
    configureDeclare(pool.command('declare'));
    pool.command('list').description('the pools of this project');
  },
  examples: [
    ['plimsoll pool snapshot h100-eu cluster', 'every node of the current context of the kubeconfig'],
    [
      'kubectl get nodes,resourceslices -o json | plimsoll pool snapshot h100-eu -',
      'the same, from where kubectl works',
    ],
    ['plimsoll pool snapshot lab gpu-01.xml gpu-02.json', 'from nvidia-smi on one node, and from probe on another'],
    [
      'plimsoll pool snapshot lab gpu-*.xml --sharing exclusive --architecture amd64',
      'with what nvidia-smi does not tell, as you know it',
    ],
    ['plimsoll pool diff before.json h100-eu', 'exit status 1 when the classes moved, and with them the evidence'],
    [
      'plimsoll pool declare h100-eu --class 3f2a91c0 --devices-per-node 8',
      'keep that class for when the pool is scaled to zero',
    ],
  ],
  run(context, input) {
    switch (input.path[0]) {
      case 'snapshot':
        return runPoolSnapshot(context, input);
      case 'show':
        return runPoolShow(context, input);
      case 'diff':
        return runPoolDiff(context, input);
      case 'declare':
        return runPoolDeclare(context, input);
      default:
        return runPoolList(context);
    }
  },
};
