import { Option } from 'commander';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import { judgePreflight, type Preflight } from '../../core/pool/preflight/preflight.ts';
import { readDuration } from '../../core/units/quantity/quantity-duration.ts';
import { findPreflightFiles } from '../../prove/pool/preflight-files.ts';
import { runPreflight } from '../../prove/pool/run-preflight.ts';
import { exitStatusOfVerdict } from '../exit-status.ts';
import { preflightText } from './preflight-text.ts';
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
      .option('--active', 'also try what the node can do: memory, storage, copies, kernels and peers; seconds long')
      .option('--files <path...>', 'with --active: files or folders whose reads are timed, such as those of the model')
      .option('--timeout <duration>', 'with --active: all of it ends within this time (default: 30s)')
      .option('--busy', 'with --active: also try devices of which others use the memory')
      .option('--no-record', 'with --active: do not keep the result for hardware.preflight')
      .option('--name <name>', 'name of the node; the host name, or the name of the XML file, when not given');
  },
  examples: [
    ['plimsoll probe', 'devices, driver, CPU, memory and kernel of this machine, and what is not known'],
    ['plimsoll probe --active --files models/', 'the same, and what its memory, disk and devices carry now'],
    ['plimsoll probe --json > node-1.json', 'the same for pool snapshot'],
    [
      'plimsoll probe --from gpu-07.xml gpu-07.csv gpu-07.list',
      'a node where Plimsoll is not installed; docs/probe.md has the three commands that write the files',
    ],
  ],
  async run(context, input) {
    requireActive(input);
    const { facts, withPrivilege } = await probed(context, input);
    if (input.options['active'] !== true) {
      const json = { format: nodeFactsFormat, node: facts, withPrivilege } satisfies NodeFactsFile;
      return { exit: 0, json, text: probeText(facts, withPrivilege, context.terminal.colour) };
    }
    const { preflight, kept } = await measure(context, input, facts);
    const node = { ...withoutReason(facts), preflight };
    return {
      exit: exitStatusOfVerdict(judgePreflight(preflight).verdict),
      json: { format: nodeFactsFormat, node, withPrivilege } satisfies NodeFactsFile,
      text: `${probeText(node, withPrivilege, context.terminal.colour)}\n${preflightText(preflight, kept, context.terminal.colour)}`,
    };
  },
};

const activeOptions = { files: '--files', timeout: '--timeout', busy: '--busy' } as const;
const defaultTimeoutMs = 30_000;
const [leastTimeoutMs, mostTimeoutMs] = [1_000, 600_000];

/** Options that say how something is measured, where nothing is; and a measurement of files of another machine. */
function requireActive({ options }: CommandInput): void {
  if (options['active'] === true) {
    if (options['from'] === undefined) return;
    throw wrongUse('--active measures this machine, and --from reads files of another', 'leave one of them out');
  }
  const without = Object.entries(activeOptions).find(([name]) => options[name] !== undefined);
  if (without !== undefined) throw wrongUse(`${without[1]} says how --active measures`, 'plimsoll probe --active');
}

async function measure(
  context: CliContext,
  { options }: CommandInput,
  facts: NodeFacts,
): Promise<{ readonly preflight: Preflight; readonly kept: string | null }> {
  const timeoutMs = timeoutOf(options['timeout']);
  const given = Array.isArray(options['files']) ? options['files'].map(String) : [];
  const { files, leftOut } = await findPreflightFiles(given, context.cwd);
  if (leftOut > 0) context.terminal.note(`preflight: the ${files.length} largest files, and not the other ${leftOut}`);
  const question = { facts, files, timeoutMs, onBusy: options['busy'] === true };
  const preflight = await runPreflight(context, await context.nodeTrials(), question);
  if (options['record'] === false) return { preflight, kept: null };
  const record = await context.preflightRecord();
  await record.keep(preflight, facts.devices);
  return { preflight, kept: record.file };
}

/** Why an earlier preflight does not hold is no longer of interest. */
function withoutReason(facts: NodeFacts): NodeFacts {
  return {
    ...facts,
    unknown: Object.fromEntries(Object.entries(facts.unknown).filter(([name]) => name !== 'preflight')),
  };
}

function timeoutOf(given: unknown): number {
  if (typeof given !== 'string') return defaultTimeoutMs;
  const read = readDuration(given);
  if (read.ok && read.value >= leastTimeoutMs && read.value <= mostTimeoutMs) return read.value;
  throw wrongUse(`--timeout ${given}: expected a duration from 1s to 10m`, 'plimsoll probe --active --timeout 60s');
}

function wrongUse(message: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'probe-options-unclear', category: 'input', message, next });
}

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
