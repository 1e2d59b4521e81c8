import type { Command } from 'commander';
import { coreSteps } from '../core/units/next-steps/core-steps.ts';
import { nextStep } from '../core/units/next-steps/next-step.ts';
import { carryPlace, carryPlaceInText, placeAfter, typedPlace, type TypedPlace } from './terminal/typed-place.ts';
import { asPlimsollError, PlimsollError } from '../core/units/errors.ts';
import type { CommandInput, CommandResult } from './command.ts';
import { formatClusterAddress } from './cluster-address.ts';
import { commands, type CommandEntry } from './commands.ts';
import type { CliContext } from './context.ts';
import { exitStatusOfError } from './exit-status.ts';
import { withSigningKey } from './signing-option.ts';
import { nearest } from '../core/units/nearest.ts';
import { visibleJson, visibleLine, visibleLines, visiblePlain } from '../core/units/visible-text.ts';

/** Options that every command has. */
export interface GlobalOptions {
  readonly contract?: string;
  readonly environment?: string;
  readonly state?: string;
  /** Address of a control plane elsewhere, in a cluster too (`formatClusterAddress`). */
  readonly server?: string;
  readonly json?: boolean;
}

export interface ProgramIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Runs one command line and resolves with its exit status; nothing is thrown. */
export async function runProgram(
  argv: readonly string[],
  io: ProgramIo,
  version: string,
  makeContext: (options: GlobalOptions) => CliContext,
): Promise<number> {
  const json = argv.includes('--json');
  try {
    const [name, ...rest] = commandFirst(argv);
    if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
      io.out(overview(version));
      return name === undefined ? 2 : 0;
    }
    if (name === '--version' || name === '-V') {
      io.out(`${version}\n`);
      return 0;
    }
    const entry = findCommand(name === 'help' ? (rest[0] ?? '') : name);
    return await runEntry(entry, name === 'help' ? ['--help'] : rest, io, makeContext);
  } catch (thrown) {
    return reportError(asPlimsollError(thrown), thrown, json, io, typedPlace(argv));
  }
}

function findCommand(name: string): CommandEntry {
  const entry = commands.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  const suggestion = nearest(
    name,
    commands.map((candidate) => candidate.name),
  );
  throw new PlimsollError({
    code: 'unknown-command',
    category: 'input',
    message: `unknown command \`${name}\`${suggestion === null ? '' : `; did you mean \`${suggestion}\`?`}`,
    next:
      suggestion === null
        ? nextStep(coreSteps, 'unknown-command')
        : nextStep(coreSteps, 'unknown-command/near', { command: suggestion }),
  });
}

async function runEntry(
  entry: CommandEntry,
  argv: readonly string[],
  io: ProgramIo,
  makeContext: (options: GlobalOptions) => CliContext,
): Promise<number> {
  const [{ Command, CommanderError }, { command }] = await Promise.all([import('commander'), entry.load()]);
  const root = new Command(`plimsoll ${entry.name}`).description(entry.summary);
  command.configure(root);
  root.addHelpText(
    'after',
    `\nExamples:\n${command.examples.map(([line, meaning]) => `  ${line}\n      ${meaning}`).join('\n')}\n`,
  );
  let result: CommandResult | undefined;
  let json = false;
  let inColour = false;
  visit(root, [], (leaf, path) => {
    addGlobalOptions(leaf);
    const inCluster = addClusterOptions(leaf);
    leaf
      .exitOverride()
      .configureOutput({ writeOut: io.out, writeErr: (text) => io.err(visiblePlain(text)) })
      .showHelpAfterError(`(plimsoll ${[entry.name, ...path].join(' ')} --help shows the usage)`);
    if (leaf.commands.length > 0) return;
    leaf.action(async () => {
      const options: GlobalOptions & Record<string, unknown> = leaf.optsWithGlobals();
      json = options.json === true;
      const input: CommandInput = { path, args: leaf.args, options, json };
      const context = makeContext(inCluster ? { ...options, ...serverInCluster(options) } : options);
      inColour = context.terminal.colour;
      result = await command.run(
        command.signs === true ? await withSigningKey(context, options['key']) : context,
        input,
      );
    });
  });
  try {
    await root.parseAsync([...argv], { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return 0;
    // Commander has told people already; a program that asked for JSON gets the same in that form.
    if (argv.includes('--json')) io.out(errorJson(wrongUse(thrown, entry.name)));
    return 2;
  }
  if (result === undefined) return 2;
  const text = carryPlaceInText(result.text, typedPlace(argv));
  if (json) io.out(jsonText(result.json));
  else if (text !== '') io.out(`${inColour ? visibleLines(text) : visiblePlain(text)}\n`);
  return result.exit;
}

/** A command line that does not parse. */
function wrongUse(error: { readonly code: string; readonly message: string }, name: string): PlimsollError {
  const subcommandMissing = error.code === 'commander.help';
  return new PlimsollError({
    code:
      error.code.replace(/^commander\.(?:help$)?/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) ||
      'missing-subcommand',
    category: 'input',
    message: subcommandMissing ? `plimsoll ${name} needs a subcommand` : error.message.replace(/^error: /, ''),
    next: nextStep(coreSteps, 'missing-subcommand', { command: name }),
  });
}

function errorJson(error: PlimsollError): string {
  return jsonText({ error: error.toJSON() });
}

const jsonText = (value: unknown): string => `${visibleJson(JSON.stringify(value, null, 2))}\n`;

function addGlobalOptions(command: Command): void {
  command
    .option('--contract <file>', 'the contract (default: the nearest plimsoll.yaml at or above this folder)')
    .option('--environment <name>', 'the environment (default: the only one of the contract)')
    .option('--state <folder>', 'the state folder (default: .plimsoll beside the contract)')
    .option('--server <url>', 'a control plane elsewhere (default: PLIMSOLL_SERVER, else the one of the state folder)')
    .option('--json', 'print one JSON document on stdout');
}

/** Not where a command has options of these names for something else. */
function addClusterOptions(leaf: Command): boolean {
  if (leaf.options.some(({ long }) => long === '--context' || long === '--namespace')) return false;
  leaf
    .option('--context <name>', 'a control plane in the cluster of this context of the kubeconfig, instead of --server')
    .option(
      '-n, --namespace <name>',
      'a control plane in this namespace of the cluster (default: that of the context)',
    );
  return true;
}

function serverInCluster(options: GlobalOptions & Readonly<Record<string, unknown>>): Pick<GlobalOptions, 'server'> {
  const text = (name: string): string | null => (typeof options[name] === 'string' ? options[name] : null);
  const [context, namespace] = [text('context'), text('namespace')];
  if (context === null && namespace === null) return {};
  if (options.server === undefined) return { server: formatClusterAddress({ context, namespace }) };
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: '--server and --context or --namespace name two control planes',
    next: 'leave out one of them',
  });
}

/** kubectl hands a plugin its flags as they stand: `kubectl plimsoll -n ml status` is `plimsoll status -n ml`. */
function commandFirst(argv: readonly string[]): readonly string[] {
  let at = 0;
  while (/^(?:-n|--(?:context|namespace))(?:=|$)|^-n./.test(argv[at] ?? '')) {
    at += /^(?:-n|--\w+)$/.test(argv[at] ?? '') ? 2 : 1;
  }
  const name = argv[at];
  return name === undefined ? argv.slice(at) : [name, ...argv.slice(at + 1), ...argv.slice(0, at)];
}

function visit(
  command: Command,
  path: readonly string[],
  each: (leaf: Command, path: readonly string[]) => void,
): void {
  each(command, path);
  for (const child of command.commands) visit(child, [...path, child.name()], each);
}

function reportError(said: PlimsollError, thrown: unknown, json: boolean, io: ProgramIo, place: TypedPlace): number {
  const error = said.next === undefined ? said : withNext(said, carryPlace(said.next, placeAfter(said.code, place)));
  if (json) io.out(errorJson(error));
  io.err(`plimsoll: ${visiblePlain(error.message)}\n`);
  if (error.next !== undefined) io.err(`  next: ${visiblePlain(visibleLine(error.next))}\n`);
  if (error.category === 'bug' && thrown instanceof Error && thrown.stack !== undefined) io.err(`${thrown.stack}\n`);
  return exitStatusOfError(error.category);
}

const withNext = (error: PlimsollError, next: string): PlimsollError =>
  new PlimsollError({ ...error.toJSON(), details: error.details, next, cause: error.cause });

function overview(version: string): string {
  const shown = commands.filter((entry) => entry.hidden !== true);
  const width = Math.max(0, ...shown.map((entry) => entry.name.length)) + 2;
  return [
    `plimsoll ${version} - a delivery pipeline for AI inference services`,
    '',
    'Usage: plimsoll COMMAND [ARGUMENTS] [--json]',
    '',
    ...shown.map((entry) => `  ${entry.name.padEnd(width)}${entry.summary}`),
    '',
    'plimsoll COMMAND --help shows its options and examples.',
    'Exit status: 0 pass; 1 failing or out of step; 2 wrong input or use; 3 missing, stale, unknown or out of reach; 70 a bug.',
    '',
  ].join('\n');
}
