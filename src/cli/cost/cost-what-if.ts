import type { Command } from 'commander';
import { readContractChange } from '../../core/cost/marginal/contract-change.ts';
import type { Takeover } from '../../core/cost/marginal/kept-previous.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import { readRecordedArrivals, type ReplayedArrivals } from '../../prove/simulate/recorded-arrivals.ts';
import { readSimulatedArrivals } from '../../prove/simulate/scale-simulate-arrivals.ts';
import {
  groundOfSimulation,
  simulatedProject,
  type SimulatedProject,
} from '../../prove/simulate/scale-simulate-ground.ts';
import {
  readSeeds,
  readStatedMeasurements,
  type StatedMeasurements,
} from '../../prove/simulate/scale-simulate-options.ts';
import { answerWhatIf, priceMarginalTerms, type ReplayQuestion } from '../../prove/simulate/what-if.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { findRecord } from '../find-record.ts';
import { readSince, sinceDefault } from './cost-options.ts';
import { marginalText, whatIfText } from './cost-what-if-text.ts';

type Given = Readonly<Record<string, unknown>>;
const hourMs = 3_600_000;
/** What the control plane keeps of arrivals. */
const recordedAtMostMs = 8 * 24 * hourMs;
const accountOptions = ['by', 'of', 'in', 'csv', 'focus', 'opencost', 'from', 'to'];
const replayOptions = ['trace', 'tokens', 'curve', 'start', 'seeds'];

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds the options of replays to `plimsoll cost show`. */
export function configureWhatIf(cost: Command): void {
  cost.commands
    .find((command) => command.name() === 'show')
    ?.option('--what-if <key=value>', 'replay recorded arrivals with a changed contract; repeatable', collect)
    .option('--marginal', 'what each term of the contract costs by itself, by replays')
    .option('--trace <file>', 'with one of the two: arrivals of a file in place of the recorded ones')
    .option('--tokens <work>', 'with --trace: what a request takes: fixed, each input, each output token')
    .option('--curve <spec>', 'with one of the two: what a replica carries (else capacity evidence)')
    .option('--start <spec>', 'with one of the two: how long a start takes (else cold-start evidence)')
    .option('--seeds <n>', 'with one of the two: draws of starts for each block of arrivals (default: 3 in all)');
}

/** Whether the command line asks for a replay. @throws PlimsollError `option-invalid` (input) for options that do not go together. */
export function asksForReplay(options: Given): boolean {
  const named = (names: readonly string[]): string | undefined => names.find((name) => options[name] !== undefined);
  const [isWhatIf, isMarginal] = [options['whatIf'] !== undefined, options['marginal'] === true];
  if (!isWhatIf && !isMarginal) {
    const option = named(replayOptions);
    if (option === undefined) return false;
    throw invalid(`--${option} is for --what-if and --marginal`, "plimsoll cost --what-if 'scaling.replicas.min=0'");
  }
  if (isWhatIf && isMarginal) throw invalid('--what-if and --marginal are two questions', 'leave out one of the two');
  const option = named(accountOptions);
  if (option === undefined) return true;
  throw invalid(`--${option} is of the account, and a replay has none`, `leave out --${option}`);
}

/** Answers a question about the contract of the folder. Exit status 0: a question has no verdict. */
export async function runWhatIf(context: CliContext, { options }: CommandInput): Promise<CommandResult> {
  const changes = ((options['whatIf'] as readonly string[] | undefined) ?? []).map(readContractChange);
  const question = await readQuestion(context, options);
  if (changes.length === 0) {
    const report = await priceMarginalTerms(context, question);
    return { exit: 0, json: report, text: marginalText(report) };
  }
  const report = await answerWhatIf(context, question, changes);
  return { exit: 0, json: report, text: whatIfText(report) };
}

async function readQuestion(context: CliContext, options: Given): Promise<ReplayQuestion> {
  const [stated, recordedMs] = [readStatedMeasurements(options), readRecordedTime(options)];
  const seeds = typeof options['seeds'] === 'string' ? readSeeds(options['seeds']) : undefined;
  const of = await simulatedProject(context, { contractNamed: true, record: false }, (environment) =>
    findRecord(context, environment),
  );
  if (of === null) throw new Error('a contract that was named is there or is refused');
  const operations = (await context.fleetOperations()) ?? (await context.operations());
  return {
    of,
    stated,
    arrivals: await readArrivals(context, options, { of, stated, operations, recordedMs }),
    seeds,
    takeovers: await readTakeovers(operations, of, context.clock.nowMs() - recordedMs),
    recordedMs,
    nowMs: context.clock.nowMs(),
  };
}

function readRecordedTime(options: Given): number {
  const sinceMs = readSince(options['since'] ?? sinceDefault);
  if (sinceMs <= recordedAtMostMs) return sinceMs;
  throw invalid(
    `--since ${String(options['since'])}: arrivals are kept for 8 days`,
    'give --since 8d, or --trace FILE',
  );
}

async function readArrivals(
  context: CliContext,
  { trace }: Given,
  from: {
    readonly of: SimulatedProject;
    readonly stated: StatedMeasurements;
    readonly operations: Operations;
    readonly recordedMs: number;
  },
): Promise<ReplayedArrivals> {
  const { of, stated, operations, recordedMs } = from;
  const none = { latency: undefined, min: undefined, max: undefined, toZero: false, sleep: undefined, record: false };
  const { curve } = (await groundOfSimulation({ ...stated, ...none }, of)).capacity;
  if (typeof trace === 'string') {
    const asked = { arrivals: { kind: 'trace', text: trace }, tokens: stated.tokens } as const;
    const { about, arrivals, unit, endMs, notes } = await readSimulatedArrivals(
      context,
      asked,
      curve,
      of.project.folder,
    );
    return { kind: 'trace', name: about.name, requests: about.requests, endMs, arrivals, unit, notes };
  }
  const { contract, environment } = of;
  const points = await operations.signalHistory({ service: contract.service, environment, hours: recordedMs / hourMs });
  return readRecordedArrivals(points, curve.kind === 'slots' ? curve.meanWorkMs : 1);
}

/** Releases that took over since a time. */
async function readTakeovers(
  operations: Pick<Operations, 'events'>,
  { contract, environment }: SimulatedProject,
  sinceMs: number,
): Promise<readonly Takeover[]> {
  const events = await operations.events({ service: contract.service, environment, kindPrefix: 'release.live' });
  return events.flatMap((event) => {
    if (event.kind !== 'release.live' || event.atMs < sinceMs) return [];
    const { left, previous = null } = event.data;
    const kept = previous !== null && 'release' in previous ? previous.release : null;
    return [{ atMs: event.atMs, leftAnother: left !== null && kept === left }];
  });
}

const invalid = (message: string, next: string): PlimsollError =>
  new PlimsollError({ code: 'option-invalid', category: 'input', message, next });
