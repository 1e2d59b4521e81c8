import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { contractInvalid } from '../../core/contract-keys/contract-invalid.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { readContract } from '../../schemas/contract/contract.ts';
import type { CliCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { initialContract, labelFrom, type InitAnswers } from './init-contract.ts';

interface InitOptions {
  readonly contract?: string;
  readonly service?: string;
  readonly owner?: string;
  readonly model?: string;
  readonly image?: string;
  readonly golden?: string | false;
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** What the folder shows of the service that lives in it. */
interface Found {
  readonly onnx: string | null;
  readonly dockerfile: string | null;
}

export const command: CliCommand = {
  configure: (program) => {
    program
      .option('--service <name>', 'name of the service (default: the name of the folder)')
      .option('--owner <text>', 'who answers for it')
      .option('--model <name>', 'name of the model (default: that of the .onnx file here, else of the service)')
      .option('--image <reference>', 'container image that serves it, instead of `plimsoll serve-model`')
      .option('--golden <name>', 'name of the golden data (default: SERVICE-golden)')
      .option('--no-golden', 'ask for no golden evidence')
      .option('--yes', 'ask nothing, take what is found')
      .option('--force', 'overwrite a contract that is there');
  },
  examples: [
    ['plimsoll init', 'asks on a terminal, and writes plimsoll.yaml here'],
    ['plimsoll init --yes --service digits --model digits', 'writes it without asking'],
  ],
  run: async (context, input) => {
    const options = input.options as InitOptions;
    const file = path.resolve(context.cwd, options.contract ?? 'plimsoll.yaml');
    if (existsSync(file) && options.force !== true) throw contractExists(file);
    const found = await look(path.dirname(file));
    const answers = await answer(context, options, found, path.basename(path.dirname(file)));
    const text = initialContract(answers);
    const reading = readContract(Buffer.from(text), file, path.basename(file));
    if (!reading.ok) throw contractInvalid(reading.problems);
    // A contract that is overwritten stays whole until the new one is.
    await context
      .writeDurably(file, text, { doing: 'writing the contract', folderMustExist: true })
      .catch((thrown: unknown) => {
        throw asPlimsollError(thrown).code === 'storage-full' ? thrown : cannotWrite(file, thrown);
      });
    const next = nextCommands(answers, found);
    const shown = path.relative(context.cwd, file);
    return {
      exit: 0,
      json: { file, answers, found, next },
      text: [`wrote ${shown}`, ...next.map((one) => `next: ${one}`)].join('\n'),
    };
  },
};

async function look(folder: string): Promise<Found> {
  const names = existsSync(folder) ? (await readdir(folder)).sort() : [];
  return {
    onnx: names.find((name) => name.toLowerCase().endsWith('.onnx')) ?? null,
    dockerfile: names.find((name) => name === 'Dockerfile' || name === 'Containerfile') ?? null,
  };
}

/** Flags first, then answers on a terminal, then what was found. */
async function answer(context: CliContext, options: InitOptions, found: Found, folder: string): Promise<InitAnswers> {
  const asks = context.terminal.interactive && options.yes !== true;
  const choose = async (given: string | undefined, question: string, fallback: string): Promise<string> =>
    given ?? (asks ? await context.terminal.ask(question, fallback) : fallback);
  const service = await choose(options.service, 'Name of the service?', labelFrom(folder, 'service'));
  const owner = await choose(options.owner, 'Who answers for it (may stay empty)?', '');
  const fromFile = found.onnx === null ? service : labelFrom(path.parse(found.onnx).name, service);
  const model = await choose(options.model, 'Name of the model?', fromFile);
  const builds = found.onnx === null && found.dockerfile !== null;
  const image =
    options.image ?? (builds ? await choose(undefined, 'Image that serves it?', `${service}:latest`) : null);
  const noGolden = options.golden === false;
  const given = typeof options.golden === 'string' ? options.golden : undefined;
  const golden = noGolden ? '' : await choose(given, 'Name of the golden data?', `${service}-golden`);
  return { service, owner, model, image, golden };
}

function nextCommands({ model, golden }: InitAnswers, found: Found): readonly string[] {
  return [
    `plimsoll model add ${found.onnx ?? 'FILE'} --name ${model} --alias candidate`,
    ...(golden === '' ? [] : [`plimsoll data add FILE --name ${golden}`]),
    'plimsoll pin',
    'plimsoll check',
  ];
}

function contractExists(file: string): PlimsollError {
  return new PlimsollError({
    code: 'contract-exists',
    category: 'input',
    message: `${file} is there already`,
    next: nextStep(cliSteps, 'contract-exists'),
  });
}

function cannotWrite(file: string, cause: unknown): PlimsollError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PlimsollError({
    code: 'contract-unwritable',
    category: 'input',
    message: `${file} cannot be written: ${reason}`,
    next: 'make the folder, or name another file with --contract FILE',
    cause,
  });
}
