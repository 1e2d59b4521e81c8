import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { DriftStatus } from '../../core/monitoring/watch/drift-status.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { AcknowledgeDriftRequest } from '../../schemas/http/monitoring/http-drift.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { resultOf } from './drift-status.ts';

export function configureAcknowledge(drift: Command): void {
  drift
    .command('acknowledge')
    .description('watches again what an alarm named; without a name, what all of them named')
    .argument(
      '[name]',
      'feature, group or aggregate of an open alarm; `distance`: that live data left what was evaluated',
    )
    .requiredOption('--reason <text>', 'why, for the history')
    .option('--new-reference', 'later windows are compared with what is captured from now on');
}

export async function runAcknowledge(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const operations = await context.operations();
  const [name] = args;
  const alarm = name === undefined ? null : await findAlarm(name, async () => (await operations.drift(scope)).status);
  const newReference = options['newReference'] === true;
  const answer = await operations.acknowledgeDrift({
    ...scope,
    alarm,
    reason: reasonOf(options['reason']),
    newReference,
  });
  const { exit, ...result } = resultOf(answer, `${scope.service} in ${scope.environment}`);
  return { ...result, exit: exit === 1 ? 0 : exit };
}

/** An alarm that is not open is asked for all the same: the control plane says what is. */
async function findAlarm(
  name: string,
  read: () => Promise<Pick<DriftStatus, 'alarms' | 'left'> | null>,
): Promise<NonNullable<AcknowledgeDriftRequest['alarm']>> {
  const status = await read();
  const found = status?.alarms.find((each) => each.name === name);
  if (found === undefined && name === 'distance' && (status?.left ?? null) !== null) return { kind: 'distance', name };
  return { kind: found?.kind ?? 'feature', name };
}

function reasonOf(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: '--reason says why, and is empty',
    next: nextStep(cliSteps, 'option-invalid/drift-acknowledge-help'),
  });
}
