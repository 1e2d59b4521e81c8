import path from 'node:path';
import type { Command } from 'commander';
import { findRemedies } from '../../../core/packing/plan-ahead/find-remedies.ts';
import { listWorstLosses } from '../../../core/packing/plan-ahead/node-losses.ts';
import { planAhead, type AheadTask } from '../../../core/packing/plan-ahead/plan-ahead.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { daysOfForecast, planDemand, type AskedDemand } from '../../../prove/packing/ahead/plan-demand.ts';
import type { PlannedGround } from '../../../prove/packing/ahead/planned-base.ts';
import { readForecastRates, readRecordedDays } from '../../../prove/packing/ahead/read-rate-rows.ts';
import { readLimits, readRate, readStated, readStatedGrowth } from '../../../prove/packing/ahead/stated-numbers.ts';
import { optionInvalid } from '../../../prove/simulate/option-text.ts';
import type { CliCommand, CommandInput, CommandResult } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { parseUntil } from '../../option-values.ts';
import { makePlanReport, type PlanReport } from '../../../core/packing/plan-ahead/plan-report.ts';
import { planHtml } from './plan-html.ts';
import { planText } from './plan-text.ts';
import { readServedDays } from './served-days.ts';
import { readPlanGround, type GroundOptions } from './read-plan-ground.ts';

interface PlanOptions extends GroundOptions {
  readonly forecast?: string;
  readonly growth?: readonly string[];
  readonly history?: string;
  readonly rate?: readonly string[];
  readonly perReplica?: readonly string[];
  readonly peak?: readonly string[];
  readonly until?: string;
  readonly nodesDown: string;
  readonly html?: string;
}

const dayMs = 86_400_000;
const daysByDefault = 364;
const daysAtMost = 1_830;
const nodesDownAtMost = 3;
/** Of demand, the rate of a replica and the peak. The same draws each time. */
const [draws, seed] = [200, 1];

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export function configurePlan(capacity: Command): void {
  capacity
    .command('plan')
    .description('replicas, accelerators and money of each week, and the day when the pool is full')
    .argument('[service...]', 'folders of contracts, or services below this folder (default: the contract here)')
    .option(
      '--growth <rate>',
      'growth of the rate: 5%/week, 3%..7%/week or recorded (default, where days are recorded); NAME=5%/week for one service',
      collect,
    )
    .option('--forecast <file>', 'CSV with date and rate of each service, and quantiles like p05 and p95, instead')
    .option(
      '--history <file>',
      'CSV with date and rate of recorded days: rate now, noise, weekdays (default: what the control plane recorded)',
    )
    .option(
      '--pool <name>',
      'nodes of a pool snapshot, or of a file of one, or of a list of nodes (CSV, as pack takes it)',
    )
    .option(
      '--replicas <file>',
      'services of a list instead of contracts: that of plimsoll pack with per_replica, rate and peak',
    )
    .option(
      '--until <date>',
      'last day of the plan, or how long: 2027-06-30, 180d (default: 52 weeks, or the forecast)',
    )
    .option('--nodes-down <count>', 'nodes that may be lost at once while all replicas still fit', '1')
    .option('--rate <rate>', 'mean rate now, as 20/s or NAME=20/s (else recorded days, else scaling evidence)', collect)
    .option('--per-replica <rate>', 'what one replica sustains, as 14/s or 12..16/s (else capacity evidence)', collect)
    .option(
      '--peak <factor>',
      'replicas at the peak over those of the mean, as 2.5 or 2..3 (else scaling evidence)',
      collect,
    )
    .option('--prices <file>', 'price book (else cost.prices of the contract, else the record of the environment)')
    .option('--html <file>', 'also one page with plots and the table');
}

export const planExamples: CliCommand['examples'] = [
  [
    'plimsoll capacity plan --pool h100-eu --growth 5%/week',
    'when the pool is full of the service here, with one node lost',
  ],
  [
    'plimsoll capacity plan services --pool h100-eu --forecast rates.csv --until 2027-06-30 --html plan.html',
    'all services below a folder, by a forecast of their rates',
  ],
  [
    'plimsoll capacity plan --pool nodes.csv --replicas replicas.csv --growth 3%..7%/week --prices prices.yaml',
    'the same from lists, without contracts and evidence',
  ],
];

export async function runPlan(
  context: CliContext,
  { args, options: given, json }: CommandInput,
): Promise<CommandResult> {
  const options = given as unknown as PlanOptions;
  const ground = await readPlanGround(context, args, options);
  const startDay = Math.floor(context.clock.nowMs() / dayMs);
  const asked = await readDemand(context, options, ground, startDay);
  const services = ground.services.map((base) => planDemand(base, asked));
  const task: AheadTask = {
    startMs: startDay * dayMs,
    days: readDays(options, asked, startDay * dayMs),
    nodes: ground.nodes,
    services: services.map(({ service }) => service),
    fixed: ground.fixed,
    nodesDown: readNodesDown(options.nodesDown, ground),
    prices: ground.prices,
    draws,
    seed,
  };
  const solver = await context.linearSolver();
  const plan = planAhead(task, solver);
  const fullDay = plan.full.notFoundMs === null ? null : (plan.full.notFoundMs - task.startMs) / dayMs;
  const report = makePlanReport({ ground, services, task, plan, remedies: findRemedies(task, fullDay, solver) });
  if (options.html !== undefined) await writePage(context, options.html, report);
  return { exit: 0, json: report, text: json ? '' : planText(report) };
}

async function readDemand(
  context: CliContext,
  { forecast, growth = [], history, replicas, rate = [], perReplica = [], peak = [] }: PlanOptions,
  { services }: PlannedGround,
  startDay: number,
): Promise<AskedDemand> {
  const names = services.map(({ row }) => row.name);
  const example = '--growth 5%/week, or --forecast FILE with date and rate';
  if (forecast !== undefined && growth.length > 0) {
    throw optionInvalid('--forecast and --growth both say how demand grows', example);
  }
  const recorded = await readHistory(context, history, { names, isListed: replicas !== undefined });
  const isTold = forecast !== undefined || growth.length > 0;
  if (!isTold && recorded.size === 0) throw optionInvalid('nothing says how demand grows', example);
  return {
    forecast: forecast === undefined ? null : await readForecastRates(context, forecast, names, startDay),
    growth: readStated({ name: '--growth', form: '5%/week' }, isTold ? growth : ['recorded'], names, readStatedGrowth),
    history: recorded,
    rate: readStated({ name: '--rate', form: '20/s' }, rate, names, readRate),
    perReplica: readStated({ name: '--per-replica', form: '14/s' }, perReplica, names, readLimits),
    peak: readStated({ name: '--peak', form: '2.5' }, peak, names, readPeak),
  };
}

/** Recorded days: those of a file that is named, else those that the control plane of the contracts recorded. */
async function readHistory(
  context: CliContext,
  history: string | undefined,
  { names, isListed }: { readonly names: readonly string[]; readonly isListed: boolean },
): Promise<AskedDemand['history']> {
  if (history !== undefined) return readRecordedDays(context, history, names);
  return isListed ? new Map() : readServedDays(context, names);
}

function readPeak(text: string): ReturnType<typeof readLimits> {
  const peak = readLimits(text);
  return peak !== null && peak.lower >= 1 ? peak : null;
}

function readDays({ until }: PlanOptions, { forecast }: AskedDemand, startMs: number): number {
  const known = forecast === null ? daysAtMost : Math.min(daysAtMost, daysOfForecast(forecast));
  if (until === undefined) return Math.max(1, forecast === null ? daysByDefault : known);
  const untilMs = parseUntil(until, startMs);
  const days = untilMs === null ? NaN : Math.ceil((untilMs - startMs) / dayMs);
  if (!(days >= 1 && days <= daysAtMost)) {
    throw optionInvalid(
      `--until: "${until.slice(0, 40)}" is no day of the next five years`,
      '--until 2027-06-30, or --until 180d',
    );
  }
  if (days <= known) return days;
  const last = new Date(startMs + (known - 1) * dayMs).toISOString().slice(0, 10);
  throw optionInvalid(
    `the forecast ends on ${last}, before --until ${until.slice(0, 40)}`,
    `--until ${last}, or more rows`,
  );
}

function readNodesDown(text: string, { nodes }: PlannedGround): number {
  if (!/^\d$/.test(text) || Number(text) > nodesDownAtMost) {
    throw optionInvalid(`--nodes-down: "${text.slice(0, 40)}" is no number up to ${nodesDownAtMost}`, '--nodes-down 1');
  }
  if (listWorstLosses(nodes, Number(text)) !== null) return Number(text);
  throw optionInvalid(
    `--nodes-down ${text}: these nodes are of too many kinds to try every loss`,
    `--nodes-down ${Number(text) - 1}`,
  );
}

async function writePage({ cwd, writeDurably }: CliContext, shown: string, report: PlanReport): Promise<void> {
  try {
    await writeDurably(path.resolve(cwd, shown), planHtml(report), {
      doing: 'writing the page',
      folderMustExist: true,
    });
  } catch (cause) {
    throw new PlimsollError({
      code: 'report-unwritable',
      category: 'input',
      message: `the page cannot be written to ${shown}: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: 'name a file in a folder that can be written to in --html',
      cause,
    });
  }
}
