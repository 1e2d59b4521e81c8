import path from 'node:path';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { goldenFile } from '../../core/rollout/names.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { goldenSetSchema } from '../../schemas/artifact/golden-set.ts';
import type { CliCommand, CommandResult } from '../command.ts';
import { addSigningOption } from '../signing-option.ts';
import type { CliContext } from '../context.ts';
import { requireRecordedGolden } from '../../prove/golden/edited-golden.ts';
import { recordGolden, recordingText } from '../../prove/golden/golden-record.ts';
import { runGoldenStatus } from './golden-status.ts';
import { alignedTable } from '../terminal/table.ts';
import { readIfFile } from '../../prove/files/source-file.ts';

export const command: CliCommand = {
  signs: true,
  configure(command) {
    addSigningOption(command.command('record'))
      .description('run the pinned code and model, and pin what they answer to every row of monitoring.golden')
      .option('--absolute <value>', 'how far an output may be off, whatever its size', '0.0001')
      .option('--relative <value>', 'how far it may be off besides, as a share of its size', '0.001')
      .option('--no-arg-max', 'let the largest element of a row move (for outputs that are not class scores)');
    command.command('show').description('what is pinned: inputs, outputs and bands of the pinned model');
    command.command('status').description('scheduled replays of each replica, and captured requests over two of them');
  },
  examples: [
    ['plimsoll golden record', 'pins the outputs of the model that plimsoll.lock pins; commit the file that it writes'],
    ['plimsoll golden record --absolute 0.01 --relative 0', 'the same with wider bands'],
    ['plimsoll golden status', 'whether each replica still gives the pinned outputs; exits 1 while one does not'],
    ['plimsoll golden show', 'how many inputs, which bands, recorded of which model'],
  ],
  run(context, { path: subcommand, options }) {
    if (subcommand[0] === 'status') return runGoldenStatus(context);
    return subcommand[0] === 'record' ? record(context, options) : show(context);
  },
};

async function record(context: CliContext, options: Readonly<Record<string, unknown>>): Promise<CommandResult> {
  const recording = await recordGolden(context, {
    absolute: bandOf(options['absolute'], '--absolute'),
    relative: bandOf(options['relative'], '--relative'),
    argMax: options['argMax'] !== false,
  });
  const { file, blob, golden, reproducedCases, comparison } = recording;
  const cases = golden.cases.length;
  return {
    exit: reproducedCases === cases ? 0 : 1,
    json: { file, blob, cases, reproducedCases, offence: comparison.offence, largest: comparison.largest },
    text: recordingText(recording),
  };
}

function bandOf(value: unknown, option: string): number {
  const band = Number(value);
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(band) && band >= 0) return band;
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${option} must be a number of at least 0, not \`${String(value)}\``,
    next: nextStep(cliSteps, 'option-invalid/golden-record-help'),
  });
}

async function show(context: CliContext): Promise<CommandResult> {
  const project = await context.project();
  const environment = await context.environment();
  const { contract } = await project.contract();
  const lock = await project.lock();
  const model = lock?.environments[environment]?.model;
  const dataName = contract.monitoring?.golden;
  if (model === undefined || dataName === undefined) throw nothingPinned();
  const file = goldenFile(dataName, model.digest);
  const bytes = await readIfFile(path.join(project.folder, file));
  if (bytes === null) throw nothingPinned();
  await requireRecordedGolden(project.folder, contract, lock, environment);
  const golden = goldenSetSchema.parse(JSON.parse(bytes.toString('utf8')));
  const [first] = golden.cases;
  const tensors = [...(first?.inputs ?? []), ...(first?.outputs ?? [])];
  const { absolute, relative, argMax } = golden.tolerance;
  const text = [
    `${golden.cases.length} golden inputs of ${golden.dataName}, recorded of model ${golden.modelName} (${shortDigest(golden.modelDigest)})`,
    `bands: ${absolute} absolute + ${relative} relative${argMax ? ', arg-max kept' : ''}`,
    ...alignedTable(
      tensors.map((tensor, index) => [
        index < (first?.inputs.length ?? 0) ? 'input' : 'output',
        tensor.name,
        `${tensor.datatype} [${tensor.shape.join(', ')}]`,
      ]),
      '  ',
    ),
    `file: ${file}`,
  ].join('\n');
  return { exit: 0, json: { file, ...golden, cases: golden.cases.length, first }, text };
}

function nothingPinned(): PlimsollError {
  return new PlimsollError({
    code: 'golden-missing',
    category: 'unavailable',
    message: 'no golden outputs are recorded for the model that the lock pins',
    next: nextStep(cliSteps, 'golden-missing'),
  });
}
