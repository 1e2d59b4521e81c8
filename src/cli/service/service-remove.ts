import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { RemovalAnswer } from '../../schemas/http/release/http-release.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { waitProgress } from '../../prove/progress.ts';
import type { CliContext } from '../context.ts';

interface RemoveOptions {
  readonly environment?: string;
  readonly reason?: string;
  readonly yes?: boolean;
  readonly wait: boolean;
}

export type RemoveContext = Pick<
  CliContext,
  'fleet' | 'fleetOperations' | 'operations' | 'project' | 'hasContract' | 'terminal' | 'clock' | 'signal'
> & { environment(): Promise<string> };

const pollMs = 500;
/** Gateways let go within a minute, and replicas drain within half of one. */
const waitedMs = 120_000;

export function configureRemove(remove: Command): void {
  remove
    .description('take the traffic of a service away, stop its replicas, and hold it no longer; its records stay')
    .argument('<name>', 'as `plimsoll status --every` lists it')
    .option('--reason <text>', 'why; history shows it')
    .option('--yes', 'do not ask')
    .option('--no-wait', 'do not wait until its last replica has stopped');
}

export async function runServiceRemove(
  context: RemoveContext,
  { args, options: given }: CommandInput,
): Promise<CommandResult> {
  const options = given as unknown as RemoveOptions;
  const [service = ''] = args;
  const environment = options.environment ?? (await findEnvironment(context, service));
  if (options.yes !== true) await confirm(context, service, environment);
  const running = await context.fleetOperations();
  const operations = running ?? (await context.operations());
  const request = { service, environment, reason: options.reason?.trim() || 'no reason was given' };
  const first = await operations.removeService(request);
  const isFollowed = running !== null && options.wait;
  const answer = isFollowed ? await awaitRemoved(context, operations, request, first) : first;
  return {
    exit: answer.state === 'removed' || !isFollowed ? 0 : 3,
    json: answer,
    text: textOf(answer, running !== null),
  };
}

/** Of the only one with that name. @throws PlimsollError `service-unnamed` (input), `service-unknown` (not-found). */
async function findEnvironment(context: RemoveContext, service: string): Promise<string> {
  const fleet = await context.fleet();
  const fitting = fleet?.services.filter((each) => each.service === service) ?? [];
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only.environment;
  if (only !== undefined) {
    throw new PlimsollError({
      code: 'service-unnamed',
      category: 'input',
      message: `${service} is in ${fitting.map(({ environment }) => environment).join(' and ')}`,
      next: nextStep(cliSteps, 'service-unnamed/remove', { service, environment: only.environment }),
    });
  }
  if (fleet === null && (await isOfContract(context, service))) return context.environment();
  throw new PlimsollError({
    code: 'service-unknown',
    category: 'not-found',
    message:
      fleet === null
        ? `no control plane answers, and no contract here is of ${service}`
        : `the control plane holds no service ${service}`,
    next: nextStep(cliSteps, 'service-unknown/status-every'),
  });
}

async function isOfContract(context: RemoveContext, service: string): Promise<boolean> {
  return (await context.hasContract()) && (await (await context.project()).contract()).contract.service === service;
}

/** @throws PlimsollError `not-confirmed` (input). */
async function confirm({ terminal }: RemoveContext, service: string, environment: string): Promise<void> {
  if (terminal.interactive) {
    const question = `Remove ${service} from ${environment}? Its clients get errors from now on. Type its name:`;
    if ((await terminal.ask(question)) === service) return;
  }
  throw new PlimsollError({
    code: 'not-confirmed',
    category: 'input',
    message: terminal.interactive
      ? `${service} was not removed: the answer was another name`
      : `${service} was not removed: nobody is here to confirm it`,
    next: nextStep(cliSteps, 'not-confirmed/service-remove', { service, environment }),
  });
}

/** Asks again until nothing of it runs; gives back how it stood last. */
async function awaitRemoved(
  { clock, terminal, signal }: RemoveContext,
  operations: Operations,
  request: Parameters<Operations['removeService']>[0],
  first: RemovalAnswer,
): Promise<RemovalAnswer> {
  const beganMs = clock.monotonicMs();
  const tell = waitProgress({ terminal }, request.service, waitedMs);
  const lastedMs = (): number => clock.monotonicMs() - beganMs;
  if (first.state === 'leaving') terminal.note('no request reaches it any more; waiting for its replicas');
  let answer = first;
  while (answer.state === 'leaving' && lastedMs() < waitedMs) {
    tell(`leaves: ${leftText(answer)}`, lastedMs());
    await clock.sleep(pollMs, signal);
    answer = await operations.removeService(request);
  }
  return answer;
}

const leftText = ({ replicas }: RemovalAnswer): string => `${replicas} ${replicas === 1 ? 'replica' : 'replicas'} left`;

function textOf(answer: RemovalAnswer, isWatched: boolean): string {
  const { service, environment, state } = answer;
  if (state === 'removed') {
    return `${service} is removed from ${environment}; its records stay\nnext: plimsoll release takes it up again`;
  }
  const left = leftText(answer);
  if (isWatched) return `${service} leaves ${environment}: ${left}\nnext: plimsoll status --every`;
  return `${service} is recorded as leaving ${environment}: ${left}; no control plane runs\nnext: plimsoll up stops what runs`;
}
