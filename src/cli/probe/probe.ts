import { Option } from 'commander';
import { nodeFactsFormat, type NodeFactsFile } from '../../schemas/pool/node-facts.ts';
import { requireNodeName } from '../../core/pool/node-name.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ProbedNode } from '../../ports/nodes/node-probe.ts';
import type { CliCommand, CommandInput } from '../command.ts';
import type { CliContext } from '../context.ts';
import { nodeFactsFromFiles } from '../../prove/pool/probe-from.ts';
import { probeText } from './probe-text.ts';

/** MIG the XML tells by itself. */
const statedSharing = ['exclusive', 'time-slicing', 'mps'] as const;

export const command: CliCommand = {
  configure(probe) {
    probe
      .option(
        '--from <file...>',
        'read these instead of this machine: the XML of nvidia-smi -q -x, its CSV and its list, or a JSON of probe',
      )
      .addOption(
        new Option(
          '--sharing <how>',
          'with --from: how the boards are handed out, which the driver does not tell',
        ).choices(statedSharing),
      )
      .option('--name <name>', 'name of the node; the host name, or the name of the XML file, when not given');
  },
  examples: [
    ['plimsoll probe', 'devices, driver, CPU, memory and kernel of this machine, and what is not known'],
    ['plimsoll probe --json > node-1.json', 'the same for pool snapshot'],
    [
      'plimsoll probe --from gpu-07.xml gpu-07.csv gpu-07.list',
      'a node where Plimsoll is not installed; docs/probe.md has the three commands that write the files',
    ],
  ],
  async run(context, input) {
    const { facts, withPrivilege } = await probed(context, input);
    return {
      exit: 0,
      json: { format: nodeFactsFormat, node: facts, withPrivilege } satisfies NodeFactsFile,
      text: probeText(facts, withPrivilege, context.terminal.colour),
    };
  },
};

async function probed(context: CliContext, { options }: CommandInput): Promise<ProbedNode> {
  const name = typeof options['name'] === 'string' ? options['name'] : undefined;
  if (name !== undefined) requireNodeName(name, '--name');
  const files = options['from'];
  if (Array.isArray(files)) {
    const facts = await nodeFactsFromFiles(files.map(String), {
      cwd: context.cwd,
      name,
      sharing: statedSharing.find((sharing) => sharing === options['sharing']),
      signal: context.signal,
    });
    return { facts, withPrivilege: [] };
  }
  if (options['sharing'] !== undefined) throw sharingWithoutFiles();
  const here = await (await context.nodeProbe()).probe(context.signal);
  return name === undefined ? here : { ...here, facts: { ...here.facts, name } };
}

function sharingWithoutFiles(): PlimsollError {
  return new PlimsollError({
    code: 'probe-sharing-unclear',
    category: 'input',
    message: '--sharing states what files cannot tell; of this machine it is read',
    next: 'leave --sharing out, or name files with --from',
  });
}
