import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { IsolationAction } from '../../core/rollout/isolation/ask-isolation.ts';
import { stageWord } from '../../core/rollout/isolation/isolation.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readDuration } from '../../core/units/quantity/quantity-duration.ts';
import { isolatedAtMostMs } from '../../schemas/http/release/http-isolation.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { utcText } from '../terminal/time-text.ts';

export function configureIsolate(drift: Command): void {
  drift
    .command('isolate')
    .description('keeps a replica from traffic for diagnosis, and starts a spare in its place')
    .argument('<replica>', 'id of the replica, as `plimsoll status` shows it')
    .requiredOption('--reason <text>', 'why, for the history')
    .option('--for <duration>', 'how long it is kept, 1m to 30d; then it is stopped', '24h')
    .option('--undo', 'gives it traffic again, once it reproduces its golden set')
    .option('--stop', 'ends its isolation and stops it');
}

export async function runIsolate(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const action = actionOf(options);
  const [replicaId = ''] = args;
  const reason = reasonOf(options['reason']);
  const forMs = action === 'isolate' ? { forMs: durationOf(options['for']) } : {};
  const { isolation, summary } = await (
    await context.operations()
  ).isolateReplica({ ...scope, replicaId, action, reason, ...forMs });
  const stands =
    isolation === null ? 'not isolated' : `${stageWord(isolation.stage)}, until ${utcText(isolation.untilMs)}`;
  return { exit: 0, json: { replicaId, isolation, summary }, text: `${replicaId}: ${stands}\n${summary}` };
}

function actionOf(options: CommandInput['options']): IsolationAction {
  if (options['undo'] === true && options['stop'] === true) throw invalid('--undo and --stop exclude each other');
  if (options['undo'] === true) return 'return';
  return options['stop'] === true ? 'stop' : 'isolate';
}

function reasonOf(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw invalid('--reason says why, and is empty');
}

function durationOf(value: unknown): number {
  const read = readDuration(String(value));
  if (read.ok && read.value >= 60_000 && read.value <= isolatedAtMostMs) return read.value;
  throw invalid(`--for is a duration from 1m to 30d, such as 24h, not \`${String(value)}\``);
}

const invalid = (message: string): PlimsollError =>
  new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message,
    next: nextStep(cliSteps, 'option-invalid/drift-isolate-help'),
  });
