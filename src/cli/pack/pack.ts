import path from 'node:path';
import { Option } from 'commander';
import { changeNodes } from '../../core/packing/named/change-nodes.ts';
import {
  makeNamedTask,
  namePlacement,
  readNamedPlacement,
  type NamedPlacement,
  type NamedRest,
  type NamedTask,
} from '../../core/packing/named/named-task.ts';
import type { PackingObjective } from '../../core/packing/packing-task.ts';
import { findConflict } from '../../core/packing/plan/find-conflict.ts';
import { countEmptyMilli, findStranded } from '../../core/packing/plan/find-stranded.ts';
import {
  planPlacement,
  verifyPlan,
  type PackingPlan,
  type PlanVerdict,
} from '../../core/packing/plan/plan-placement.ts';
import { priceConstraints } from '../../core/packing/plan/price-constraints.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { withSourceFile } from '../../prove/files/source-file.ts';
import { makePlanFile, readPlanFile, type PlanFile } from '../../schemas/packing/plan-file.ts';
import { jsonBounds } from '../../schemas/source/json-text.ts';
import type { CliCommand, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { runForecast } from './forecast.ts';
import { findWay, runDefragment } from './moves.ts';
import type { WayToPlan } from './moves-text.ts';
import { readPackTask, type TaskOptions } from './read-pack-task.ts';
import { comparedText, planText, verifiedText } from './pack-text.ts';

const objectives = ['most-accelerators', 'fewest-nodes'] as const satisfies readonly PackingObjective[];

interface PackOptions extends TaskOptions {
  readonly objective: PackingObjective;
  readonly out?: string;
  readonly verify?: string;
  readonly whatIf?: readonly string[];
  readonly forecast?: string;
  readonly growth?: string;
  readonly requireAll?: boolean;
  readonly present?: string;
  readonly defragment?: boolean;
  readonly moves?: string;
}

export const command: CliCommand = {
  configure(program) {
    program
      .option('--nodes <file>', 'CSV with name, cpu_milli, memory_mib, gpu and model of each node')
      .option(
        '--replicas <file>',
        'CSV with name, count, cpu_milli, memory_mib, num_gpu, gpu_milli and gpu_spec of what is to be placed',
      )
      .option('--pool <name>', 'nodes of a pool snapshot, or of a file of one')
      .option('--services <folder...>', 'replicas of the contracts below these folders, on nodes that verify admits')
      .addOption(
        new Option('--count <which>', 'replicas of a contract: scaling.replicas.min or max')
          .choices(['min', 'max'])
          .default('max'),
      )
      .addOption(
        new Option('--objective <what>', 'place the most of accelerators, or all replicas on the fewest nodes')
          .choices(objectives)
          .default('most-accelerators'),
      )
      .option('--headroom <amount>', 'whole devices that stay free: a number, or a share of all devices (5%)')
      .option('--per-node <count>', 'at most so many replicas of one service on a node')
      .option('--keep-previous', 'place the previous release of each service too, as while rollout.keepPrevious lasts')
      .addOption(
        new Option(
          '--forecast <file>',
          'CSV with time, service and replicas: when does not all fit any more?',
        ).conflicts(['verify', 'out', 'whatIf', 'defragment', 'growth']),
      )
      .addOption(
        new Option('--growth <rate>', 'the same where all replicas grow, like 5%/week').conflicts([
          'verify',
          'out',
          'whatIf',
          'defragment',
        ]),
      )
      .option('--require-all', 'exit status 1 where not all replicas are placed, with what contradicts what')
      .option('--present <file>', 'where replicas are now, as a plan or as CSV, and show the steps from there')
      .addOption(
        new Option('--defragment', 'the best of a few moves from --present, instead of a plan').conflicts([
          'verify',
          'out',
          'whatIf',
        ]),
      )
      .option('--moves <count>', 'replicas that --defragment may move')
      .option('--out <file>', 'write the plan there, with the certificate')
      .addOption(
        new Option(
          '--what-if <change...>',
          'plan after add=2xNODE or drain=NODE too, and say what it changes',
        ).conflicts(['verify', 'out']),
      )
      .option('--verify <plan>', 'check a plan that was written: placement and certificate, without a solver');
  },
  examples: [
    [
      'plimsoll pack --pool h100-eu --services services --count max',
      'the services below a folder on the nodes of a pool',
    ],
    ['plimsoll pack --nodes nodes.csv --replicas replicas.csv', 'what goes where, and how far that is from the best'],
    [
      'plimsoll pack --nodes nodes.csv --replicas replicas.csv --objective fewest-nodes --out plan.json',
      'all replicas on the fewest nodes, written as a plan',
    ],
    [
      'plimsoll pack --nodes nodes.csv --replicas replicas.csv --what-if add=2xgpu-07 drain=gpu-01',
      'what two nodes like gpu-07 would give, without gpu-01',
    ],
    [
      'plimsoll pack --nodes nodes.csv --replicas replicas.csv --present plan.json',
      'what has to move from a plan that is in place to the best one now',
    ],
    [
      'plimsoll pack --nodes nodes.csv --replicas replicas.csv --present plan.json --defragment --moves 5',
      'the five moves that give the most',
    ],
    ['plimsoll pack --nodes nodes.csv --replicas replicas.csv --growth 5%/week', 'when the nodes are full'],
    [
      'plimsoll pack --nodes nodes.csv --replicas replicas.csv --verify plan.json',
      'exit status 1 where it does not hold',
    ],
  ],
  async run(context, { options }) {
    const asked = options as unknown as PackOptions;
    const { nodes, replicas, notes } = await readPackTask(context, asked);
    if (asked.whatIf !== undefined) {
      const changed = asked.whatIf.reduce(changeNodes, nodes);
      const [before, after] = [nodes, changed].map((each) => makeNamedTask(each, replicas, asked.objective));
      if (before !== undefined && after !== undefined) return compare(context, before, after, asked.whatIf);
    }
    const taskOf = (objective: PackingObjective): NamedTask => makeNamedTask(nodes, replicas, objective);
    if (asked.forecast !== undefined || asked.growth !== undefined) {
      return runForecast(context, nodes, replicas, asked);
    }
    if (asked.defragment === true) {
      return runDefragment(context, taskOf('most-accelerators'), asked.present, asked.moves);
    }
    return asked.verify === undefined
      ? plan(context, taskOf(asked.objective), asked, notes)
      : verify(context, taskOf, asked.verify);
  },
};

async function plan(
  context: CliContext,
  named: NamedTask,
  asked: PackOptions,
  notes: readonly string[],
): Promise<CommandResult> {
  const solver = await context.linearSolver();
  const planned = planPlacement(named.task, solver);
  const verdict = verifyPlan(named.task, planned);
  if (verdict.verdict === 'refused') throw notProven(verdict.reason);
  const way = asked.present === undefined ? null : await findWay(context, named, planned.placement, asked.present);
  const unmoved = namePlacement(named, planned.placement);
  const placed = way === null ? unmoved : { nodes: way.nodes, unplaced: listUnplaced(named, way.nodes) };
  const file = makePlanFile(named.task.objective, planned, placed);
  const stranded = findStranded(named.task, planned.placement);
  const emptyMilli = countEmptyMilli(named.task, planned.placement);
  if (asked.out !== undefined) {
    await context.writeDurably(path.resolve(context.cwd, asked.out), `${JSON.stringify(file, null, 2)}\n`, {
      doing: 'writing the plan',
      folderMustExist: true,
    });
  }
  // Where all devices that are asked for are held, no change gives more of them.
  const isAtBest = planned.allPlaced === 'yes' && named.task.objective === 'most-accelerators';
  const prices = isAtBest ? [] : priceConstraints(named.task, planned.certificate, planned.placement);
  const isShort = planned.allPlaced !== 'yes' && (named.task.objective === 'fewest-nodes' || asked.requireAll === true);
  const conflict = isShort && asked.requireAll === true ? findConflict(named.task, solver) : null;
  const text = planText({
    named,
    planned,
    placed,
    stranded,
    emptyMilli,
    written: asked.out ?? null,
    notes,
    way,
    conflict,
    prices,
  });
  const json = {
    ...file,
    stranded,
    emptyMilli,
    notes,
    prices: prices.map(({ change, atMostNano }) => ({ ...change, atMostNano: String(atMostNano) })),
    ...(way === null ? {} : wayJson(way)),
    ...(conflict === null ? {} : { conflict }),
  };
  return { exit: isShort ? 1 : 0, json, text };
}

/** Replicas that the plan on the nodes as they are does not have, by name. */
function listUnplaced({ replicas }: NamedTask, nodes: readonly NamedPlacement[]): readonly NamedRest[] {
  const placed = Map.groupBy(
    nodes.flatMap(({ held }) => held),
    ({ replica }) => replica,
  );
  return replicas.flat().flatMap(({ name, count }) => {
    const rest = count - (placed.get(name)?.length ?? 0);
    return rest > 0 ? [{ replica: name, count: rest }] : [];
  });
}

const wayJson = ({ steps, layouts, staying }: WayToPlan) => ({ steps, layouts, staying });

/** Plans before and after a change of the nodes. */
async function compare(
  context: CliContext,
  before: NamedTask,
  after: NamedTask,
  changes: readonly string[],
): Promise<CommandResult> {
  const solver = await context.linearSolver();
  const [from, to] = [planPlacement(before.task, solver), planPlacement(after.task, solver)];
  const summarise = (planned: PackingPlan) => ({
    valueNano: String(planned.valueNano),
    boundNano: String(planned.certificate.boundNano),
    allPlaced: planned.allPlaced,
    unplaced: planned.placement.unplaced.reduce((sum, count) => sum + count, 0),
  });
  const json = { changes, before: summarise(from), after: summarise(to) };
  return {
    exit: 0,
    json,
    text: comparedText(changes, { named: before, planned: from }, { named: after, planned: to }),
  };
}

/** The task is that of the plan's own objective. */
async function verify(
  context: CliContext,
  taskOf: (objective: PackingObjective) => NamedTask,
  shown: string,
): Promise<CommandResult> {
  const location = path.resolve(context.cwd, shown);
  const file = await withSourceFile({ location, shown }, context.signal, async ({ bytes, source }) =>
    readPlanFile(await source.read(0, Math.min(bytes, jsonBounds.bytes + 1)), shown),
  );
  const verdict = verifyFile(taskOf(file.objective), file);
  const json = { plan: shown, objective: file.objective, ...verdict };
  return { exit: verdict.verdict === 'proven' ? 0 : 1, json, text: verifiedText(shown, file, verdict) };
}

function verifyFile(named: NamedTask, file: PlanFile): PlanVerdict {
  const read = readNamedPlacement(named, file.nodes);
  if (read.answer === 'refused') return { verdict: 'refused', reason: read.reason };
  const { certificate, gapShare, allPlaced } = file;
  const planned: PackingPlan = {
    placement: read.placement,
    certificate: { ...certificate, boundNano: BigInt(certificate.boundNano) },
    valueNano: BigInt(file.valueNano),
    gapShare,
    allPlaced,
  };
  return verifyPlan(named.task, planned);
}

const notProven = (reason: string): PlimsollError =>
  new PlimsollError({
    code: 'plan-not-proven',
    category: 'bug',
    message: `the plan does not hold by its own certificate: ${reason}`,
  });
