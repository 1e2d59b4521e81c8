import path from 'node:path';
import { Option } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { MigBoard } from '../../core/hardware/tables/mig-profiles.ts';
import { findBoundError } from '../../core/packing/slices/bound/slice-bound.ts';
import { chooseSlices } from '../../core/packing/slices/choose-slices.ts';
import { findPlanErrors } from '../../core/packing/slices/find-plan-errors.ts';
import { describeSliceProblem, type SlicedService } from '../../core/packing/slices/operating-points.ts';
import type { SlicePlan } from '../../core/packing/slices/slice-plan.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CliCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { emittedForms, makeDeviceFiles, placeSlices, type DeviceFile, type EmittedForm } from './device-files.ts';
import { findBoard, readPlanNodes, readSlicedServices } from './read-slice-task.ts';
import { slicesText } from './slices-text.ts';

interface SlicesOptions {
  readonly points: readonly string[];
  readonly rates: string;
  readonly board: string;
  readonly nodes?: string;
  readonly pool?: string;
  readonly emit?: EmittedForm;
  readonly claimNamespace?: string;
  readonly out?: string;
}

export const command: CliCommand = {
  configure(program) {
    program
      .requiredOption(
        '--points <file...>',
        'CSV with service, profile, batch, processes, throughput_per_s and latency_ms; or profiles of ParvaGPU, a file a service',
      )
      .requiredOption('--rates <file>', 'CSV with service, rate_per_s and latency_ms, the limit of one batch')
      .requiredOption('--board <name>', 'the GPU to divide: A100-80, H100-80, H200, A30, ...')
      .option('--nodes <file>', 'CSV with name, gpu and model of the nodes whose GPUs may be divided')
      .addOption(
        new Option('--pool <name>', 'the nodes of a pool snapshot that have such GPUs, or of a file of one').conflicts(
          'nodes',
        ),
      )
      .addOption(
        new Option(
          '--emit <form>',
          'make what applies the plan: for the MIG manager, the DRA driver, the device plugin',
        ).choices(emittedForms),
      )
      .option('--claim-namespace <name>', 'namespace of the claim templates of --emit dra')
      .option('--out <folder>', 'write the files of --emit there');
  },
  examples: [
    [
      'plimsoll slices --points points.csv --rates rates.csv --board A100-80',
      'MIG instances for each service on the fewest GPUs, with the bound',
    ],
    [
      'plimsoll slices --points points.csv --rates rates.csv --board A100-80 --nodes nodes.csv --emit mig-parted --out mig',
      'a configuration of mig-parted, and the commands that apply it',
    ],
    [
      'plimsoll slices --points points.csv --rates rates.csv --board H100-80 --pool h100-eu --emit dra --claim-namespace ml --out claims',
      'ResourceClaimTemplates for GPUs of a pool',
    ],
  ],
  async run(context, { options }) {
    const asked = options as unknown as SlicesOptions;
    if (asked.out !== undefined && asked.emit === undefined) throw optionMissing('--out needs --emit');
    const board = findBoard(asked.board);
    const services = await readSlicedServices(context, asked.points, asked.rates, board);
    const plan = choosePlan(services, board);
    const nodes = await readPlanNodes(context, asked, board);
    if (asked.emit !== undefined && nodes === null) throw optionMissing('--emit needs --nodes or --pool');
    const placed = nodes === null ? null : placeSlices(plan, board, nodes);
    const files =
      asked.emit === undefined || placed === null
        ? []
        : makeDeviceFiles(asked.emit, placed, asked.claimNamespace ?? null);
    if (asked.out !== undefined) await writeFiles(context, asked.out, files);
    const { bound, ...rest } = plan;
    const json = {
      board: board.name,
      services: services.map(({ points: _points, ...service }) => service),
      ...rest,
      bound: {
        gpus: bound.gpus,
        denominator: String(bound.denominator),
        prices: bound.prices.map(({ profile, numerator }) => ({ profile, numerator: String(numerator) })),
        shares: bound.shares.map(({ service, numerator }) => ({ service, numerator: String(numerator) })),
      },
      nodes: placed?.nodes ?? null,
      files,
    };
    return { exit: 0, json, text: slicesText({ board, services, plan, files, folder: asked.out ?? null }) };
  },
};

/** The plan, checked by itself. @throws PlimsollError `slices-not-possible` (input) with every problem. */
function choosePlan(services: readonly SlicedService[], board: MigBoard): SlicePlan {
  const answer = chooseSlices(services, board);
  if (answer.answer === 'not-possible') {
    throw new PlimsollError({
      code: 'slices-not-possible',
      category: 'input',
      message: answer.problems.map(describeSliceProblem).join('\n  '),
      next: 'mend the rates or the operating points',
    });
  }
  const { plan } = answer;
  const errors = [...findPlanErrors(services, board, plan.gpus), findBoundError(services, board, plan.bound)].filter(
    (error) => error !== null,
  );
  if (errors.length === 0) return plan;
  throw new PlimsollError({ code: 'plan-not-proven', category: 'bug', message: errors.join('\n  ') });
}

async function writeFiles(context: CliContext, folder: string, files: readonly DeviceFile[]): Promise<void> {
  for (const { name, text } of files) {
    await context.writeDurably(path.resolve(context.cwd, folder, name), text, {
      doing: 'writing a file of the plan',
      ...(name.endsWith('.sh') ? { mode: 0o755 } : {}),
    });
  }
}

const optionMissing = (message: string): PlimsollError =>
  new PlimsollError({
    code: 'option-missing',
    category: 'input',
    message,
    next: nextStep(cliSteps, 'option-missing/slices-help'),
  });
